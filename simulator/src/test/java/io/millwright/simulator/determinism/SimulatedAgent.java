package io.millwright.simulator.determinism;

import io.millwright.agent.downlink.Orders;
import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.events.RunNews;
import io.millwright.agent.events.SteppedChronicle;
import io.millwright.agent.jobs.EnergyMeter;
import io.millwright.agent.jobs.JobsRoom;
import io.millwright.agent.jobs.Run;
import io.millwright.agent.jobs.Status;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.uplink.SteppedUplink;
import io.millwright.agent.uplink.UplinkOptions;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * One life of an agent: the real orders, jobs room, journal, events and session over a disk that
 * can end it at any write. Each call of it may be its last: {@link #dead} says so.
 */
final class SimulatedAgent {
  static final int DEVICES = 2;
  private static final long LARGEST_SEGMENT = 6_000;
  private static final int NODE = 1_000_000;
  private static final int LIFE = 1_000;
  private static final int UNDER_WAY = 5;
  private static final long SAMPLE_NANOS = 3_000_000_000L;

  private final String node;
  private final Machine machine;
  private final Witness witness;
  private final VirtualClock clock;
  private final CrashingDisk disk;
  private final Orders orders;
  private final JobsRoom room;
  private final SteppedChronicle chronicle;
  private final SteppedUplink uplink;
  private final Readings readings;
  private final int life;
  private boolean up;
  private int sampled;
  private long sampledNanos = -SAMPLE_NANOS;

  /**
   * @param lives of this node's agents before this one
   * @param policy of the node
   */
  SimulatedAgent(
      String node,
      int lives,
      Path directory,
      Platter platter,
      Machine machine,
      Execution policy,
      Trust trust,
      Witness witness,
      VirtualClock clock,
      Random random) {
    this.node = node;
    this.life = lives;
    this.machine = machine;
    this.witness = witness;
    this.clock = clock;
    this.disk = new CrashingDisk(platter, random);
    JobsRoom.Settings settings =
        new JobsRoom.Settings(
            node,
            directory.resolve("journal"),
            () -> policy,
            machine.gate(),
            (uuid, since) -> Optional.of(new EnergyMeter.Reading(clock.nanos() / 1e9, "gpu")));
    this.orders = new Orders(settings, machine.units(() -> !disk.crashed()), () -> true, clock);
    this.chronicle =
        new SteppedChronicle(
            new Chronicle.Settings(
                node, machine.bootId().toString(), directory.resolve("events"), Limits.USUAL, true),
            disk,
            clock);
    orders.watch(this::told);
    this.room = orders.open(disk, LARGEST_SEGMENT);
    this.uplink =
        new SteppedUplink(
            new UplinkOptions(
                "collector", 1, node, machine.bootId(), "1", "10.0.0." + node.length(), List.of()),
            trust.node(node),
            Trust.SITE,
            orders,
            chronicle.chronicle(),
            random,
            clock);
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.NODE_BOOT_TIMESTAMP_SECONDS, node));
    for (int i = 0; i < DEVICES; i++) {
      Accelerator device =
          new Accelerator(
              node, Integer.toString(i), Machine.device(node, i), "nvidia", "GB200", true);
      table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, device));
      table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_FABRIC_STATE, device, "completed"));
    }
    this.readings = new Readings(table.build());
  }

  private void told(Status status) {
    if (disk.crashed()) {
      return;
    }
    witness.told(node, status);
    if (status.state() == JobState.RUNNING
        || status.state() == JobState.STUCK
        || status.state() == JobState.ENDED) {
      chronicle
          .chronicle()
          .ran(
              new RunNews(
                  status.run().text(),
                  status.state(),
                  status.outcome(),
                  clock.wall().toEpochMilli()));
    }
  }

  String node() {
    return node;
  }

  CrashingDisk disk() {
    return disk;
  }

  boolean dead() {
    return disk.crashed();
  }

  SteppedUplink uplink() {
    return uplink;
  }

  /** Some turns of all of its threads. */
  void step() {
    uplink.step();
    for (int turn = 0; turn < 3; turn++) {
      turn();
    }
    if (!dead()) {
      chronicle.step();
    }
    if (!dead() && clock.nanos() - sampledNanos >= SAMPLE_NANOS) {
      sample();
    }
    if (!dead()) {
      uplink.step();
    }
    Violation.unless(
        dead() || room.quarantine().isEmpty(), "rule 3", "%s: %s", node, room.quarantine());
    if (!dead() && room.recovered()) {
      if (!up) {
        up = true;
        witness.up(node, orders.head(), id -> run(id).isPresent());
      }
      knowsWhatRuns();
    }
  }

  /** A mistake of its own makes it forget a run, and it says nothing of that. */
  void forgetsSilently(RunId run) throws ReflectiveOperationException {
    Object book = room;
    for (String part : List.of("crew", "ledger", "book", "runs")) {
      Field field = book.getClass().getDeclaredField(part);
      field.setAccessible(true);
      book = field.get(book);
    }
    ((Map<?, ?>) book).remove(run);
  }

  /** One turn of its jobs, where it lives. */
  void turn() {
    if (!dead()) {
      room.turn();
    }
  }

  /** Each sample says its own number. */
  private void sample() {
    sampledNanos = clock.nanos();
    sampled++;
    readings.at(clock.nanos());
    readings.measured(0, number(sampled));
    for (int i = 0; i < 2 * DEVICES; i++) {
      readings.measured(1 + i, 1);
    }
    uplink.offer(new NodeSnapshot(sampled, clock.nanos(), List.of(readings.sample())));
  }

  private int number(int sample) {
    return life * LIFE + sample;
  }

  private void knowsWhatRuns() {
    Set<RunId> open = new HashSet<>();
    for (Run run : room.runs()) {
      if (run.open()) {
        open.add(run.id());
      }
    }
    for (RunId run : machine.running()) {
      Violation.unless(
          open.contains(run), "I6", "%s runs on %s, and its agent holds it not", run.text(), node);
    }
  }

  Optional<Run> run(RunId id) {
    return room.runs().stream().filter(run -> run.id().equals(id)).findFirst();
  }

  List<Run> runs() {
    return room.runs();
  }

  List<Frame.Status> unacknowledged() {
    return orders.unacknowledged(0);
  }

  /** Numbers of the samples of this life that the collector must have, all but the last few. */
  List<Integer> samples() {
    return IntStream.rangeClosed(1, sampled - UNDER_WAY).mapToObj(this::number).toList();
  }

  SteppedChronicle chronicle() {
    return chronicle;
  }

  /** Its process is gone; files and locks of it are free. */
  void bury() throws IOException {
    disk.crash();
    orders.close();
  }

  /** Tells samples of several nodes apart. */
  static int sample(String node, int number) {
    return Integer.parseInt(node.substring(1)) * NODE + number;
  }

  /** The reading of a sample that has its number. */
  static OptionalDouble numberOf(Readout sample) {
    return sample.measured(0) ? OptionalDouble.of(sample.value(0)) : OptionalDouble.empty();
  }
}
