package io.millwright.collector.control;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.DeviceReading;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.jobs.Member;
import io.millwright.collector.jobs.Run;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Adds up what runs use of their accelerators, for the page of the jobs. Owned by the thread {@code
 * control}.
 */
final class JobMeters {
  private static final Duration PERIOD = Duration.ofSeconds(1);

  /** A sample stands for no longer than this. */
  private static final Duration LONGEST_SAMPLE = Duration.ofSeconds(5);

  /** For so long after its end a share is shown, so that a slow scraper sees its last values. */
  private static final Duration SHOWN = Duration.ofMinutes(5);

  private static final double NANOS = 1e9;

  private final Map<Key, Account> accounts = new HashMap<>();
  private long lookedNanos;
  private boolean looked;

  private record Key(RunId run, String node) {}

  private static final class Account {
    private final Map<String, Double> firstJoules = new HashMap<>();
    private final Map<String, Double> lastJoules = new HashMap<>();
    private long seenNanos;
    private long sampleNanos;
    private double heldSeconds;
    private double busySeconds;
    private OptionalDouble peakMemoryBytes = OptionalDouble.empty();
    private Optional<Long> endedNanos = Optional.empty();

    Account(long nowNanos) {
      seenNanos = nowNanos;
      sampleNanos = nowNanos;
    }
  }

  /**
   * Adds what was used since the last look, at most once a second.
   *
   * @return the shares of now; empty where it is too early to look again
   */
  Optional<List<JobShare>> look(FleetState fleet, JobsState jobs, long nowNanos) {
    if (looked && nowNanos - lookedNanos < PERIOD.toNanos()) {
      return Optional.empty();
    }
    looked = true;
    lookedNanos = nowNanos;
    List<JobShare> shares = new ArrayList<>();
    Map<Key, Account> kept = new HashMap<>();
    Set<RunId> known = accounts.keySet().stream().map(Key::run).collect(Collectors.toSet());
    for (Run run : jobs.runs()) {
      if (run.ended().isPresent() && !known.contains(run.id())) {
        continue;
      }
      for (Member member : run.members()) {
        Key key = new Key(run.id(), member.node());
        Account account = accounts.get(key);
        if (account == null && member.open()) {
          account = new Account(nowNanos);
        }
        if (account != null && look(account, member, fleet, nowNanos)) {
          kept.put(key, account);
          shares.add(share(run, member, account, fleet));
        }
      }
    }
    accounts.clear();
    accounts.putAll(kept);
    return Optional.of(shares);
  }

  /** Whether it is to be shown still. */
  private static boolean look(Account account, Member member, FleetState fleet, long nowNanos) {
    if (account.endedNanos.isPresent()) {
      return nowNanos - account.endedNanos.get() < SHOWN.toNanos();
    }
    account.heldSeconds += (nowNanos - account.seenNanos) / NANOS * member.devices().uuids().size();
    account.seenNanos = nowNanos;
    fleet.node(member.node()).ifPresent(node -> sampled(account, member, node));
    if (!member.open()) {
      account.endedNanos = Optional.of(nowNanos);
    }
    return true;
  }

  private static void sampled(Account account, Member member, NodeState node) {
    long age = node.arrivedNanos() - account.sampleNanos;
    if (age <= 0) {
      return;
    }
    double seconds = Math.min(age, LONGEST_SAMPLE.toNanos()) / NANOS;
    account.sampleNanos = node.arrivedNanos();
    for (AcceleratorState device : node.accelerators()) {
      if (member.devices().uuids().contains(device.uuid())) {
        account.busySeconds += seconds * device.value(DeviceReading.UTILIZATION).orElse(0);
        energy(account, device.uuid(), device.value(DeviceReading.ENERGY_JOULES));
        device.value(DeviceReading.HELD_MEMORY_BYTES).ifPresent(bytes -> memory(account, bytes));
      }
    }
  }

  private static void memory(Account account, double bytes) {
    account.peakMemoryBytes =
        OptionalDouble.of(Math.max(bytes, account.peakMemoryBytes.orElse(bytes)));
  }

  /** A counter that fell was set to zero, and what it grew until then is kept. */
  private static void energy(Account account, String uuid, OptionalDouble joules) {
    if (joules.isEmpty()) {
      return;
    }
    double now = joules.getAsDouble();
    Double last = account.lastJoules.put(uuid, now);
    if (last == null) {
      account.firstJoules.put(uuid, now);
    } else if (now < last) {
      account.firstJoules.merge(uuid, now - last, Double::sum);
    }
  }

  private static JobShare share(Run run, Member member, Account account, FleetState fleet) {
    return new JobShare(
        run.id(),
        run.spec().user(),
        run.spec().project(),
        member.node(),
        member.devices(),
        member.open() ? devices(member, fleet) : List.of(),
        run.started().map(at -> at.toEpochMilli() / 1e3),
        account.heldSeconds,
        account.busySeconds,
        joules(member, account),
        account.peakMemoryBytes);
  }

  private static List<JobShare.HeldDevice> devices(Member member, FleetState fleet) {
    return fleet.node(member.node()).map(NodeState::accelerators).orElse(List.of()).stream()
        .filter(device -> member.devices().uuids().contains(device.uuid()))
        .map(device -> new JobShare.HeldDevice(device.index(), device.uuid(), device.vendor()))
        .toList();
  }

  private static Optional<Double> joules(Member member, Account account) {
    List<String> uuids = member.devices().uuids();
    if (uuids.isEmpty() || !account.lastJoules.keySet().containsAll(uuids)) {
      return Optional.empty();
    }
    double sum = 0;
    for (String uuid : uuids) {
      sum +=
          account.lastJoules.getOrDefault(uuid, 0.0) - account.firstJoules.getOrDefault(uuid, 0.0);
    }
    return Optional.of(sum);
  }
}
