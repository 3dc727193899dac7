package io.millwright.collector.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.DeviceReading;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.placement.Share;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run on two devices is said to have used, sample by sample. */
@SuppressWarnings("NullAway.Init") // set before each test
class JobMetersTest {
  private static final RunId RUN = new RunId("a", 1);
  private static final long START = 5_000_000_000L;

  @TempDir private Path directory;
  private final JobMeters meters = new JobMeters();
  private SqliteStore store;
  private JobBook book;

  @BeforeEach
  void place() {
    store = SqliteStore.open(directory.resolve("store.db"));
    book = JobBook.open(store, Clock.system());
    byte[] job =
        "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"project\":\"p1\",\"devices\":{\"count\":2}}"
            .getBytes(StandardCharsets.UTF_8);
    book.submit(JobJson.submitted(job, "anna"));
    book.place(
        RUN,
        List.of(
            new Share("n1", new DeviceSet(DeviceKind.GPU, List.of("GPU-0", "GPU-1")), List.of())));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static AcceleratorState device(int index, double utilization, double joules) {
    Map<DeviceReading, Double> read =
        Map.of(
            DeviceReading.UTILIZATION,
            utilization,
            DeviceReading.ENERGY_JOULES,
            joules,
            DeviceReading.HELD_MEMORY_BYTES,
            1e9 * utilization * (index + 1));
    return new AcceleratorState(
        "" + index,
        "GPU-" + index,
        "nvidia",
        "B200",
        true,
        true,
        false,
        Optional.empty(),
        Optional.empty(),
        reading ->
            read.containsKey(reading)
                ? OptionalDouble.of(read.get(reading))
                : OptionalDouble.empty());
  }

  private static long second(double second) {
    return START + (long) (second * 1e9);
  }

  /** Both devices alike, the third is nobody's. */
  private static FleetState fleet(double second, double utilization, double joules) {
    NodeState node =
        new NodeState(
            "n1",
            "0.1",
            1,
            second(second),
            1,
            0,
            new Readings(SeriesTable.builder().build()).sample(),
            Optional.empty(),
            List.of(
                device(0, utilization, joules), device(1, utilization, joules), device(2, 1, 9e9)),
            Findings.NONE);
    return FleetState.EMPTY.with(Map.of("n1", node));
  }

  private JobShare look(FleetState fleet, double second) {
    JobsState jobs =
        new JobsState(book.runs(), Map.of(), book.taken(), book.finished(), Optional.empty());
    List<JobShare> shares = meters.look(fleet, jobs, second(second)).orElseThrow();
    assertThat(shares).hasSize(1);
    return shares.getFirst();
  }

  @Test
  void addsUpWhatItsDevicesDo() {
    look(fleet(-1, 0.5, 1000), 0);
    look(fleet(1, 0.5, 1100), 1);
    JobShare share = look(fleet(2, 1.0, 1600), 2);
    assertThat(share.devices()).extracting(JobShare.HeldDevice::index).containsExactly("0", "1");
    assertThat(share.project()).isEqualTo("p1");
    assertThat(share.heldSeconds()).isCloseTo(4, within(1e-6));
    assertThat(share.busySeconds()).isCloseTo(2 * 0.5 + 2 * 1.0, within(1e-6));
    assertThat(share.joules().orElseThrow()).isCloseTo(2 * 500, within(1e-6));
  }

  /** Of a device that it does not have, nothing counts. */
  @Test
  void keepsTheMostMemoryThatAnyOfItsDevicesHeld() {
    look(fleet(1, 0.5, 1000), 1);
    look(fleet(2, 0.75, 1100), 2);
    assertThat(look(fleet(3, 0.25, 1200), 3).peakMemoryBytes()).hasValue(2 * 0.75e9);
  }

  @Test
  void twoLooksInASecondAreOne() {
    FleetState fleet = fleet(0, 1, 1);
    look(fleet, 0);
    assertThat(meters.look(fleet, JobsState.EMPTY, second(0.9))).isEmpty();
  }

  @Test
  void aGapIsHeldTimeAndNotBusyTime() {
    look(fleet(-1, 1, 0), 0);
    look(fleet(1, 1, 100), 1);
    JobShare share = look(fleet(61, 1, 6100), 61);
    assertThat(share.heldSeconds()).isCloseTo(122, within(1e-6));
    assertThat(share.busySeconds()).as("a sample stands for 5 s").isCloseTo(12, within(1e-6));
    assertThat(share.joules().orElseThrow()).as("counters know no gap").isEqualTo(12_000);
  }

  @Test
  void aCounterThatBeganAnewLosesNothingOfBefore() {
    look(fleet(-1, 1, 0), 0);
    look(fleet(1, 1, 5000), 1);
    look(fleet(2, 1, 5400), 2);
    look(fleet(3, 1, 10), 3);
    assertThat(look(fleet(4, 1, 60), 4).joules().orElseThrow()).isEqualTo(2 * (400 + 50));
  }

  @Test
  void isShownForAWhileAfterItsEndAndHoldsNothing() {
    look(fleet(-1, 1, 0), 0);
    look(fleet(1, 1, 100), 1);
    book.cancel(RUN, "anna");
    book.declare(RUN, "n1", Outcome.exit(1));
    JobShare ended = look(fleet(2, 1, 200), 2);
    assertThat(ended.devices()).isEmpty();
    assertThat(look(fleet(3, 1, 900), 3).heldSeconds()).isEqualTo(ended.heldSeconds());
    JobsState jobs =
        new JobsState(book.runs(), Map.of(), book.taken(), book.finished(), Optional.empty());
    long later = second(3) + Duration.ofMinutes(6).toNanos();
    assertThat(meters.look(fleet(4, 1, 900), jobs, later).orElseThrow()).isEmpty();
  }
}
