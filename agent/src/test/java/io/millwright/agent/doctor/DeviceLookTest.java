package io.millwright.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.CheckResult.Result;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Only readings that are newer than the question count, and only of the devices that it names. */
class DeviceLookTest {
  private static final Set<String> ONE = Set.of("GPU-1");
  private static final Set<String> BOTH = Set.of("GPU-1", "GPU-2");

  private final Clock clock = Clock.system();
  private final AtomicReference<NodeSnapshot> snapshot = new AtomicReference<>();
  private final DeviceLook look = new DeviceLook(snapshot::get, uuids -> {}, clock);
  private final long begun = clock.nanos();

  /** What a device says, and what its lane says of it. */
  private record Told(String index, int processes, boolean up, double stuck, long readNanos) {}

  private static NodeSnapshot of(Told... devices) {
    return new NodeSnapshot(
        1, 1, Arrays.stream(devices).flatMap(one -> Stream.of(own(one), lane(one))).toList());
  }

  private static Accelerator accelerator(Told one) {
    return new Accelerator("n1", one.index(), "GPU-" + one.index(), "nvidia", "B200", true);
  }

  private static Sample own(Told one) {
    SeriesTable.Builder table = SeriesTable.builder();
    List<String> info = Collections.nCopies(Metric.ACCELERATOR_INFO.labels().size() - 5, "x");
    table.add(
        Cadence.ONCE,
        Series.of(Metric.ACCELERATOR_INFO, accelerator(one), info.toArray(String[]::new)));
    table.add(Cadence.SLOW, Series.of(Metric.ACCELERATOR_PROCESSES, accelerator(one)));
    Readings readings = new Readings(table.build());
    readings.at(1);
    readings.measured(0, 1);
    readings.at(one.readNanos());
    if (one.processes() < 0) {
      readings.unavailable(1, Fault.TIMEOUT);
    } else {
      readings.measured(1, one.processes());
    }
    return readings.sample();
  }

  private static Sample lane(Told one) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, accelerator(one)));
    table.add(
        Cadence.FAST,
        Series.of(Metric.ACCELERATOR_NATIVE_CALL_STUCK_SECONDS, accelerator(one), "call"));
    Readings readings = new Readings(table.build());
    readings.at(Long.MAX_VALUE); // the lane is never old
    readings.measured(0, one.up() ? 1 : 0);
    readings.measured(1, one.stuck());
    return readings.sample();
  }

  private DeviceLook.Found look(String check, Set<String> uuids) {
    return look.look(check, uuids, begun, clock.nanos());
  }

  @Test
  void aFreeDevicePasses() {
    snapshot.set(of(new Told("1", 0, true, 0, begun)));
    assertThat(look("memory", ONE).result()).isEqualTo(Result.PASSED);
    assertThat(look("devices", ONE).sentence()).isEqualTo("1 of 1 accelerators answer");
    assertThat(look("links", ONE).result()).isEqualTo(Result.SKIPPED);
  }

  @Test
  void whatWasReadBeforeTheQuestionIsUnknown() {
    snapshot.set(of(new Told("1", 0, true, 0, begun - 1)));
    assertThat(look("memory", ONE).result()).isEqualTo(Result.UNKNOWN);
    assertThat(look("memory", ONE).sentence())
        .isEqualTo("accelerator GPU-1 gave no new reading in time");
  }

  @Test
  void aReadingThatFailedIsUnknown() {
    snapshot.set(of(new Told("1", -1, true, 0, begun)));
    assertThat(look("memory", ONE).result()).isEqualTo(Result.UNKNOWN);
  }

  @Test
  void onlyTheJobsOwnDevicesAreLookedAtAndThatWhichFailsIsNamed() {
    snapshot.set(of(new Told("1", 0, true, 0, begun), new Told("2", 3, true, 0, begun)));
    assertThat(look("memory", ONE).result()).isEqualTo(Result.PASSED);
    DeviceLook.Found found = look("memory", BOTH);
    assertThat(found.result()).isEqualTo(Result.FAILED);
    assertThat(found.failing()).containsExactly("GPU-2");
    assertThat(found.sentence()).contains("accelerator 2 (3)");
  }

  @Test
  void aLostDeviceFailsAtOnceAndOneThatHangsIsUnknown() {
    snapshot.set(of(new Told("1", 0, false, 0, begun - 1)));
    assertThat(look("devices", ONE).result()).isEqualTo(Result.FAILED);
    snapshot.set(of(new Told("1", 0, false, 7, begun - 1)));
    assertThat(look("devices", ONE).result()).isEqualTo(Result.UNKNOWN);
  }
}
