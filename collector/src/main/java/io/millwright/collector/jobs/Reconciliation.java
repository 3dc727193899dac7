package io.millwright.collector.jobs;

import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.placement.Share;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What has to happen to the runs of an older book so that they stand as the nodes say. Each signal
 * brings its run nearer, until none is left. Pure but for its counts.
 */
final class Reconciliation {
  /** Who asked for the stops that come of a recovery. */
  static final String BY = "recovery";

  private final Term term;
  private final Map<String, Map<RunId, Remembered>> remembered;
  private final Set<String> lost;
  private final long mark;
  private final Predicate<DeviceKey> taken;
  private final Set<RunId> adopted = new HashSet<>();
  private final Set<RunId> ended = new HashSet<>();
  private final Set<RunId> untracked = new HashSet<>();
  private final Set<RunId> givenUp = new HashSet<>();

  /**
   * @param taken whether a device is an open run's, with the steps so far
   */
  Reconciliation(
      Term term,
      Map<String, Map<RunId, Remembered>> remembered,
      Set<String> lost,
      long mark,
      Predicate<DeviceKey> taken) {
    this.term = term;
    this.remembered = remembered;
    this.lost = lost;
    this.mark = mark;
    this.taken = taken;
  }

  Reconciled result() {
    return new Reconciled(adopted.size(), ended.size(), untracked.size(), givenUp.size());
  }

  /** The next step of a run; empty where it stands as the nodes say. */
  Optional<Signal> next(Run run) {
    if (run.ended().isPresent()) {
      return Optional.empty();
    }
    return run.grant().isPresent() ? granted(run) : queued(run);
  }

  private Optional<Signal> granted(Run run) {
    for (Member member : run.members()) {
      Optional<Signal> step = member.open() ? step(run, member) : Optional.empty();
      if (step.isPresent()) {
        return step;
      }
    }
    if (run.awaitsGo() && known(run.id()) && !waits(run.id())) {
      return Optional.of(new Signal.Begun());
    }
    boolean half = adopted.contains(run.id()) && run.members().size() < run.spec().nodes();
    return half && run.stop().isEmpty() && run.members().stream().anyMatch(Member::open)
        ? Optional.of(new Signal.StopWanted(Outcome.Kind.GROUP_FAILED, BY))
        : Optional.empty();
  }

  private Optional<Signal> step(Run run, Member member) {
    Map<RunId, Remembered> answer = remembered.get(member.node());
    if (answer == null) {
      return lost.contains(member.node())
          ? declared(run, member, Outcome.Kind.NODE_LOST)
          : Optional.empty();
    }
    Remembered there = answer.get(run.id());
    if (there == null) {
      return declared(run, member, Outcome.Kind.UNTRACKED);
    }
    if (!RunReducer.goesOn(member.state(), there.state())) {
      return Optional.empty();
    }
    if (there.state() == JobState.ENDED) {
      ended.add(run.id());
    }
    return Optional.of(
        new Signal.Reported(
            member.node(), there.state(), outcome(there), member.usage(), "", member.checks()));
  }

  private Optional<Signal> declared(Run run, Member member, Outcome.Kind how) {
    untracked.add(run.id());
    return Optional.of(new Signal.Declared(member.node(), Outcome.of(how)));
  }

  private static Optional<Outcome> outcome(Remembered there) {
    return there.state() == JobState.ENDED
        ? there.outcome().or(() -> Optional.of(Outcome.of(Outcome.Kind.UNTRACKED)))
        : Optional.empty();
  }

  private Optional<Signal> queued(Run run) {
    List<Share> shares = shares(run);
    boolean another = run.ticket() > mark && !shares.isEmpty();
    boolean
        conflict = // another run's devices by the book: it goes on as one that only its node knows
        shares.stream()
                .flatMap(share ->
                    share.devices().uuids().stream().map(uuid -> new DeviceKey(share.node(), uuid)))
                .anyMatch(taken);
    if (another || conflict || (shares.isEmpty() && run.stop().isPresent())) {
      givenUp.add(run.id());
      return Optional.of(new Signal.GivenUp(Outcome.Kind.UNTRACKED));
    }
    if (shares.isEmpty()) {
      return Optional.empty();
    }
    adopted.add(run.id());
    Grant.Go go = shares.size() > 1 && waits(run.id()) ? Grant.Go.ADOPTED : Grant.Go.NOT_NEEDED;
    return Optional.of(new Signal.Granted(term, shares, Optional.empty(), go, channel(run)));
  }

  /** That of all of its members, as any of them says. */
  private Optional<ImexChannel> channel(Run run) {
    return run.spec().devices().imex()
        ? remembered.values().stream()
            .flatMap(node -> Stream.ofNullable(node.get(run.id())))
            .flatMap(there -> there.channel().stream())
            .findFirst()
        : Optional.empty();
  }

  private Stream<JobState> states(RunId id) {
    return remembered.values().stream()
        .flatMap(node -> Stream.ofNullable(node.get(id)))
        .map(Remembered::state);
  }

  private boolean known(RunId id) {
    return states(id).anyMatch(state -> state != JobState.ENDED);
  }

  /**
   * Whether it waits for its go by what its nodes say: one of them is ready and none has begun.
   * What a node holds and does not say more of may have run for long, and ends where a go is waited
   * for that nobody gives.
   */
  private boolean waits(RunId id) {
    return states(id).anyMatch(state -> state == JobState.READY)
        && states(id)
            .noneMatch(state -> state.compareTo(JobState.STARTING) >= 0 && state != JobState.ENDED);
  }

  /** Where it is or was, in the order of the nodes' names: their ranks are lost. */
  private List<Share> shares(Run run) {
    return remembered.entrySet().stream()
        .filter(node -> node.getValue().containsKey(run.id()))
        .sorted(Map.Entry.comparingByKey())
        .map(node ->
            new Share(
                node.getKey(),
                new DeviceSet(run.spec().devices().kind(), devices(node.getValue().get(run.id()))),
                List.of()))
        .toList();
  }

  private static List<String> devices(@Nullable Remembered there) {
    return there == null ? List.of() : there.devices();
  }
}
