package io.millwright.simulator;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.lane.DeviceErrors;
import io.millwright.agent.lane.Nvidia;
import io.millwright.agent.lane.Probe;
import io.millwright.agent.sampling.ProbeLedger;
import io.millwright.agent.sampling.Sampler;
import io.millwright.agent.watch.Watch;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.InstanceId;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * A simulated node under the real lanes and sampler, with quick periods: the library is loaded
 * through JNA as NVIDIA's would be.
 */
final class WatchedNode implements AutoCloseable {
  static final Periods QUICK =
      new Periods(Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(200));

  /** Of sources that are not looked at by when they are read: all is read in each round. */
  static final Periods ALL_AT_ONCE =
      new Periods(Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofMillis(50));

  static final Duration CALL_DEADLINE = Duration.ofMillis(200);

  private final SimulatedNode simulated;
  private final Nvidia nvidia;
  private final Sampler sampler;
  private final Map<Long, Long> ticks;

  private final Watch watch;

  private WatchedNode(
      SimulatedNode simulated, Nvidia nvidia, Watch watch, Sampler sampler, Map<Long, Long> ticks) {
    this.simulated = simulated;
    this.nvidia = nvidia;
    this.watch = watch;
    this.sampler = sampler;
    this.ticks = ticks;
  }

  /**
   * What is around the devices.
   *
   * @param clock by which verdicts last and pass; lanes and sampler have the machine's
   * @param bootId that the events are of
   * @param kernelLog empty where none is read
   * @param state directory that the events are kept in; its parent must be there
   * @param holders which run has which device
   * @param probes beside those of the devices
   * @param tier the last tier of families that is read
   */
  record Surroundings(
      Clock clock,
      String bootId,
      Optional<Path> kernelLog,
      Path state,
      Supplier<Map<String, RunId>> holders,
      List<Probe> probes,
      Metric.Tier tier) {
    static Surroundings of(Metric.Tier tier) {
      Surroundings none = none();
      return new Surroundings(
          none.clock(),
          none.bootId(),
          none.kernelLog(),
          none.state(),
          none.holders(),
          none.probes(),
          tier);
    }

    static Surroundings none() {
      return new Surroundings(
          Clock.system(),
          "boot",
          Optional.empty(),
          Path.of("/nowhere/of/this/machine"),
          Map::of,
          List.of(),
          Metric.Tier.BASE);
    }
  }

  static WatchedNode start(String... scenario) throws IOException {
    return start(Surroundings.none(), simulated(scenario));
  }

  static SimulatedNode simulated(String... scenario) throws IOException {
    return SimulatedNode.create(builtLibrary(), Scratch.directory("mw-sim"), List.of(scenario));
  }

  static WatchedNode start(Surroundings around, SimulatedNode simulated) {
    return start(around, simulated, () -> true);
  }

  /**
   * @param counters whether the devices' performance counters may be used now
   */
  static WatchedNode start(Surroundings around, SimulatedNode simulated, BooleanSupplier counters) {
    AtomicReference<Nvidia> lanes = new AtomicReference<>();
    Watch watch =
        new Watch(
            new Watch.Settings("node1", around.bootId(), around.kernelLog(), around.state()),
            new NoLedger(),
            around.holders(),
            () -> Optional.ofNullable(lanes.get()).flatMap(Nvidia::awaited).orElse(""),
            report -> {},
            new Chronicle(
                new Chronicle.Settings(
                    "node1",
                    around.bootId(),
                    around.state().resolve("events"),
                    Limits.USUAL,
                    false),
                around.clock()),
            around.clock());
    Nvidia.Options options =
        new Nvidia.Options(CALL_DEADLINE, Duration.ofMillis(500), OptionalInt.of(8));
    Nvidia nvidia =
        new Nvidia(
            "node1",
            () -> NvmlLibrary.open(simulated.library().toString()),
            Clock.system(),
            QUICK,
            around.tier(),
            () -> options,
            counters,
            byTheClock(watch, around.clock()));
    lanes.set(nvidia);
    Map<Long, Long> ticks = new ConcurrentHashMap<>();
    Sampler sampler =
        new Sampler(
            Clock.system(),
            QUICK,
            () -> probes(nvidia, around),
            watch,
            watch,
            taken -> ticks.put(taken.takenAtNanos(), taken.sequence()));
    watch.start();
    nvidia.start();
    sampler.start();
    return new WatchedNode(simulated, nvidia, watch, sampler, ticks);
  }

  /**
   * The lanes tell of errors by the machine's time. A clock that was put forward says another, by
   * which the same error's line in the kernel log would be one more.
   */
  private static DeviceErrors byTheClock(DeviceErrors errors, Clock clock) {
    return new DeviceErrors() {
      @Override
      public void watched(String uuid) {
        errors.watched(uuid);
      }

      @Override
      public void occurred(String uuid, Optional<InstanceId> instance, int xid, Instant at) {
        Duration forward = Duration.between(Clock.system().wall(), clock.wall());
        errors.occurred(uuid, instance, xid, at.plus(forward));
      }
    };
  }

  static Path builtLibrary() {
    return Path.of("target", "native", "libnvidia-ml.so.1").toAbsolutePath();
  }

  private static List<Probe> probes(Nvidia nvidia, Surroundings around) {
    List<Probe> probes = new ArrayList<>(nvidia.probes());
    probes.addAll(around.probes());
    probes.add(nvidia.driverProbe());
    return probes;
  }

  SimulatedNode simulated() {
    return simulated;
  }

  Nvidia nvidia() {
    return nvidia;
  }

  /** How everything is, as of the last tick. */
  HealthReport health() {
    return watch.report();
  }

  /** Writes down what was counted, as the upkeep does at each tick. */
  void save() {
    watch.save();
  }

  NodeSnapshot snapshot() {
    return sampler.snapshot();
  }

  /** The value of the one series of a device's family with these own label values. */
  OptionalDouble value(int device, Metric metric, String... own) {
    return value(device, sampler.snapshot(), metric, own);
  }

  /** The same in one snapshot. */
  static OptionalDouble value(int device, NodeSnapshot snapshot, Metric metric, String... own) {
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == metric && matches(series, device, own) && sample.measured(i)) {
          return OptionalDouble.of(sample.value(i));
        }
      }
    }
    return OptionalDouble.empty();
  }

  private static boolean matches(Series series, int device, String... own) {
    List<String> values = series.labelValues();
    return values.get(1).equals(Integer.toString(device))
        && values.subList(5, values.size()).containsAll(List.of(own));
  }

  /** The value of the one series of a family that belongs to the node as a whole. */
  OptionalDouble value(Metric metric) {
    for (Sample sample : sampler.snapshot().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        if (sample.table().series(i).metric() == metric && sample.measured(i)) {
          return OptionalDouble.of(sample.value(i));
        }
      }
    }
    return OptionalDouble.empty();
  }

  /** Identities of the devices that answer, whatever their place on the bus is now. */
  Set<String> upByUuid() {
    Set<String> up = new TreeSet<>();
    for (Sample sample : sampler.snapshot().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_UP && sample.value(i) == 1) {
          up.add(series.labelValues().get(2));
        }
      }
    }
    return up;
  }

  /** Any value of the family, whatever its labels. */
  Stream<Series> measured(Metric metric) {
    return sampler.snapshot().samples().stream()
        .flatMap(sample ->
            IntStream.range(0, sample.table().size())
                .filter(i -> sample.measured(i) && sample.table().series(i).metric() == metric)
                .mapToObj(sample.table()::series));
  }

  /**
   * Ticks between the one that asked for the newest reading of a family and the snapshot's:
   * counted, because ticks come late on a busy machine.
   */
  double ageInTicks(int device, Metric metric) {
    NodeSnapshot snapshot = sampler.snapshot();
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == metric && matches(series, device) && sample.measured(i)) {
          long readAt = sample.readAtNanos(i);
          long asked =
              readAt == snapshot.takenAtNanos()
                  ? snapshot.sequence()
                  : ticks.getOrDefault(readAt, Long.MIN_VALUE / 2);
          return (double) (snapshot.sequence() - asked);
        }
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** Until a family of a device was read anew, so that what was changed before is seen. */
  void awaitReadAnew(int device, Metric metric) {
    long since = sampler.snapshot().sequence() + 1; // a tick may be under way
    soon().until(() -> sampler.snapshot().sequence() - ageInTicks(device, metric) > since);
  }

  /** Until each device that answers was read anew, all of it, and that was judged. */
  void settle() {
    Hurried hurried = new Hurried(sampler);
    nvidia.readAnew(upByUuid());
    hurried.rounds(List.copyOf(nvidia.probes()), place -> !up(place));
    hurried.tick();
  }

  Sampler sampler() {
    return sampler;
  }

  boolean up(int device) {
    return value(device, Metric.ACCELERATOR_UP).orElse(0) == 1;
  }

  static ConditionFactory soon() {
    return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
  }

  WatchedNode awaitUp(int devices) {
    soon().until(() -> IntStream.range(0, devices).allMatch(this::up));
    return this;
  }

  @Override
  public void close() {
    try {
      sampler.stop(Duration.ofSeconds(5));
      watch.stop();
      Thread stopping = Threads.platform("stopping", this::stopLanes);
      stopping.start();
      while (!stopping.join(Duration.ofMillis(5))) {
        wakeEventStream();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopLanes() {
    try {
      nvidia.stop(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Its wait for the driver lasts a second, and ends with any event. */
  private void wakeEventStream() {
    try {
      simulated.command("fault all xid 13");
    } catch (IOException | IllegalArgumentException gone) {
      // nobody has the library loaded, or no device is left: nothing waits
    }
  }

  private static final class NoLedger implements ProbeLedger {
    @Override
    public void succeeded(String probe, Duration took, Instant at) {}

    @Override
    public void failed(String probe, Duration took, Fault fault) {}

    @Override
    public void overran(String probe) {}
  }
}
