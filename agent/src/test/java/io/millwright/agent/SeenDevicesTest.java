package io.millwright.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SeenDevicesTest {

  private static Optional<String> refusal(Verdict verdict) {
    Evidence evidence =
        new Evidence(
            "some-rule",
            1,
            verdict,
            Advice.INSPECT,
            Scope.DEVICE,
            "it was seen",
            1,
            "",
            Optional.empty(),
            false);
    HealthReport report =
        new HealthReport(
            1,
            List.of(
                new Judgement(new Subject.Node(), Verdict.FAILED, List.of()),
                new Judgement(new Subject.Device("0", "GPU-0"), verdict, List.of(evidence)),
                new Judgement(new Subject.Device("1", "GPU-1"), Verdict.FAILED, List.of())));
    return new SeenDevices(SeenDevicesTest::snapshot, () -> {}, () -> report)
        .refusal(new DeviceSet(DeviceKind.GPU, List.of("GPU-0")));
  }

  private static NodeSnapshot snapshot() {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, "n1", "0", "GPU-0", "nvidia", "B200"));
    Readings readings = new Readings(table.build());
    readings.measured(0, 1);
    return new NodeSnapshot(1, 1, List.of(readings.sample()));
  }

  /** Device 0 is whole, 1 has an instance, 2 is divided and has none, 3 was not asked. */
  private static NodeSnapshot divided() {
    SeriesTable.Builder table = SeriesTable.builder();
    for (String[] device :
        new String[][] {
          {"0", "GPU-0"}, {"1", "GPU-1"}, {"1:gi7", "MIG-1"}, {"2", "GPU-2"}, {"3", "GPU-3"}
        }) {
      table.add(
          Cadence.FAST,
          Series.of(Metric.ACCELERATOR_UP, "n1", device[0], device[1], "nvidia", "B200"));
    }
    table.add(
        Cadence.FAST,
        Series.of(Metric.ACCELERATOR_PARTITION_MODE_ENABLED, "n1", "2", "GPU-2", "nvidia", "B200"));
    table.add(
        Cadence.FAST,
        Series.of(Metric.ACCELERATOR_PARTITION_MODE_ENABLED, "n1", "0", "GPU-0", "nvidia", "B200"));
    int untold =
        table.add(
            Cadence.FAST,
            Series.of(
                Metric.ACCELERATOR_PARTITION_MODE_ENABLED, "n1", "3", "GPU-3", "nvidia", "B200"));
    Readings readings = new Readings(table.build());
    for (int i = 0; i < 6; i++) {
      readings.measured(i, 1);
    }
    readings.unsupported(6); // it cannot be divided
    readings.unavailable(untold, Fault.OTHER);
    return new NodeSnapshot(1, 1, List.of(readings.sample()));
  }

  @Test
  void onlyWholeDevicesAreGivenToJobs() {
    SeenDevices seen =
        new SeenDevices(SeenDevicesTest::divided, () -> {}, () -> new HealthReport(1, List.of()));
    assertThat(seen.count()).isEqualTo(4);
    assertThat(seen.refusal(new DeviceSet(DeviceKind.GPU, List.of("GPU-3"))))
        .hasValueSatisfying(why -> assertThat(why).contains("does not say whether it is divided"));
    assertThat(seen.refusal(new DeviceSet(DeviceKind.GPU, List.of("GPU-0")))).isEmpty();
    assertThat(seen.refusal(new DeviceSet(DeviceKind.GPU, List.of("GPU-0", "GPU-1"))))
        .hasValueSatisfying(why -> assertThat(why).startsWith("devices: 'GPU-1' is divided (MIG)"));
    assertThat(seen.refusal(new DeviceSet(DeviceKind.GPU, List.of("GPU-2"))))
        .hasValueSatisfying(why -> assertThat(why).startsWith("devices: 'GPU-2' is divided (MIG)"));
  }

  @Test
  void anInstanceIsGivenWhileItsGpuIsFit() {
    DeviceSet one = new DeviceSet(DeviceKind.GPU, List.of("MIG-1"));
    Evidence evidence =
        new Evidence(
            "xid-79",
            1,
            Verdict.FAILED,
            Advice.INSPECT,
            Scope.DEVICE,
            "it fell off the bus",
            1,
            "",
            Optional.empty(),
            false);
    HealthReport[] report = {new HealthReport(1, List.of())};
    SeenDevices seen = new SeenDevices(SeenDevicesTest::divided, () -> {}, () -> report[0]);
    assertThat(seen.refusal(one)).isEmpty();
    assertThat(seen.instances(one)).containsExactly(new Verb.Instance("MIG-1", "GPU-1", "gi7"));
    assertThat(seen.instances(new DeviceSet(DeviceKind.GPU, List.of("GPU-0", "MIG-9")))).isEmpty();
    assertThat(seen.refusal(new DeviceSet(DeviceKind.GPU, List.of("MIG-9"))))
        .contains("devices: 'MIG-9' is not known on this node");
    report[0] =
        new HealthReport(
            2,
            List.of(
                new Judgement(
                    new Subject.Device("1", "GPU-1"), Verdict.FAILED, List.of(evidence))));
    assertThat(seen.refusal(one))
        .contains("devices: 'GPU-1' is failed on this node: it fell off the bus (xid-79)");
    assertThat(seen.fault(one)).contains("xid-79: it fell off the bus");
  }

  @Test
  void aDegradedDeviceMayBeGivenAndItsNeighboursDoNotMatter() {
    assertThat(refusal(Verdict.OK)).isEmpty();
    assertThat(refusal(Verdict.DEGRADED)).isEmpty();
  }

  @Test
  void aFailedOrUnknownOneMayNotAndTheReasonIsSaid() {
    assertThat(refusal(Verdict.FAILED))
        .contains("devices: 'GPU-0' is failed on this node: it was seen (some-rule)");
    assertThat(refusal(Verdict.UNKNOWN))
        .contains("devices: 'GPU-0' is unknown on this node: it was seen (some-rule)");
  }
}
