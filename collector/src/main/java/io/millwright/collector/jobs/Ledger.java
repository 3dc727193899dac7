package io.millwright.collector.jobs;

import io.millwright.collector.placement.DeviceKey;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The runs in memory, and what follows from them. Owned by the owner of the book. */
final class Ledger {
  private final SortedMap<RunId, Run> runs = new TreeMap<>();
  private final Map<String, RunId> latest = new HashMap<>();
  private final Map<DeviceKey, RunId> taken = new HashMap<>();
  private final Map<String, SortedSet<RunId>> byNode = new HashMap<>();
  private final Map<String, Long> applied = new HashMap<>();
  private final SortedSet<RunId> awaitingGo = new TreeSet<>();

  Optional<Run> run(RunId id) {
    return Optional.ofNullable(runs.get(id));
  }

  Optional<Run> latest(String job) {
    return Optional.ofNullable(latest.get(job)).flatMap(this::run);
  }

  /** The runs of the same job with lower numbers. */
  List<Run> before(RunId id) {
    return List.copyOf(runs.subMap(new RunId(id.job(), 1), id).values());
  }

  Collection<Run> runs() {
    return runs.values();
  }

  Map<DeviceKey, RunId> taken() {
    return Map.copyOf(taken);
  }

  Optional<RunId> holder(DeviceKey device) {
    return Optional.ofNullable(taken.get(device));
  }

  /** The runs that a node's desired state speaks of. */
  SortedSet<RunId> of(String node) {
    return byNode.getOrDefault(node, Collections.emptySortedSet());
  }

  /** The highest generation that the node is known to have durably; 0 before the first. */
  long applied(String node) {
    return applied.getOrDefault(node, 0L);
  }

  void applied(String node, long generation) {
    applied.put(node, generation);
    new TreeSet<>(of(node)).forEach(id -> run(id).ifPresent(run -> index(run, node)));
  }

  /** The run as it is from now on. */
  void put(Run run) {
    runs.put(run.id(), run);
    latest.merge(run.id().job(), run.id(), (a, b) -> a.compareTo(b) > 0 ? a : b);
    if (run.awaitsGo()) {
      awaitingGo.add(run.id());
    } else {
      awaitingGo.remove(run.id());
    }
    for (Member member : run.members()) {
      index(run, member.node());
      member
          .devices()
          .uuids()
          .forEach(uuid -> hold(new DeviceKey(member.node(), uuid), run.id(), member.open()));
    }
  }

  /** The runs whose members get ready and may not begin. */
  SortedSet<RunId> awaitingGo() {
    return awaitingGo;
  }

  /** Whether no node has anything to do about a run. */
  boolean idle(Run run) {
    return run.members().stream().allMatch(member -> duty(run, member) == Duty.NONE);
  }

  /** An idle run that ended. */
  void forget(Run run) {
    runs.remove(run.id());
    latest.remove(run.id().job(), run.id());
  }

  private void hold(DeviceKey device, RunId id, boolean open) {
    if (!open) {
      taken.remove(device, id);
      return;
    }
    RunId other = taken.put(device, id);
    if (other != null && !other.equals(id)) {
      throw new BookException(
          "job book: %s of %s is granted to both %s and %s; restore a backup"
              .formatted(device.uuid(), device.node(), other.text(), id.text()));
    }
  }

  private void index(Run run, String node) {
    SortedSet<RunId> ids = byNode.computeIfAbsent(node, n -> new TreeSet<>());
    switch (duty(run, node)) {
      case RUN, STOP -> ids.add(run.id());
      case NONE -> ids.remove(run.id());
    }
  }

  /** What a node has to do about a run. */
  enum Duty {
    RUN,
    STOP,
    NONE
  }

  /** A declared end is news for the node until it applied the generation that carried it. */
  Duty duty(Run run, String node) {
    return run.member(node).map(member -> duty(run, member)).orElse(Duty.NONE);
  }

  private Duty duty(Run run, Member member) {
    if (member.open()) {
      return run.stop().isPresent() ? Duty.STOP : Duty.RUN;
    }
    boolean news =
        member.declared().isPresent() && member.declared().getAsLong() > applied(member.node());
    return news ? Duty.STOP : Duty.NONE;
  }
}
