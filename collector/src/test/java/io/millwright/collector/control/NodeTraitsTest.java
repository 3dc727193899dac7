package io.millwright.collector.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.Accelerators;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.placement.Traits;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What a node tells of its devices, as the planner weighs it. */
class NodeTraitsTest {
  private static final double UNTOLD = -1_000;
  private static final String UUID = "GPU-0";

  private final NodeTraits traits = new NodeTraits();

  /** A device of one node, series by series. */
  private static final class Told {
    private final SeriesTable.Builder table = SeriesTable.builder();
    private final List<Double> values = new ArrayList<>();
    private final Accelerator device;

    Told(String vendor) {
      device = new Accelerator("n1", "0", UUID, vendor, "model", true);
    }

    Told with(double value, Metric metric, String... labels) {
      table.add(Cadence.FAST, Series.of(metric, device, labels));
      values.add(value);
      return this;
    }

    Told onNode(double value, Metric metric, String... labels) {
      String[] all = new String[labels.length + 1];
      all[0] = "n1";
      System.arraycopy(labels, 0, all, 1, labels.length);
      table.add(Cadence.FAST, Series.of(metric, all));
      values.add(value);
      return this;
    }

    NodeState node(Findings findings) {
      Readings readings = new Readings(table.build());
      for (int i = 0; i < values.size(); i++) {
        if (values.get(i) != UNTOLD) {
          readings.measured(i, values.get(i));
        }
      }
      List<AcceleratorState> devices = new Accelerators(readings.sample()).now();
      return new NodeState(
          "n1", "1", 1, 1, 1, 0, readings.sample(), Optional.of(Verdict.OK), devices, findings);
    }
  }

  private static Told gpu() {
    return new Told("nvidia").with(1, Metric.ACCELERATOR_HEALTH_STATE, "ok");
  }

  private Traits of(Told told, Findings findings) {
    NodeState node = told.node(findings);
    return traits.of(node, node.accelerators().getFirst());
  }

  private Traits of(Told told) {
    return of(told, Findings.NONE);
  }

  @Test
  void aDeviceOfWhichNothingIsToldHasNone() {
    assertThat(of(new Told("nvidia").with(1, Metric.ACCELERATOR_UP))).isEqualTo(Traits.UNTOLD);
    Told silent =
        gpu()
            .with(UNTOLD, Metric.ACCELERATOR_AFFINITY_INFO, "0-7", "1")
            .with(UNTOLD, Metric.ACCELERATOR_FABRIC_STATE, "completed")
            .with(UNTOLD, Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS);
    assertThat(of(silent))
        .isEqualTo(new Traits(OptionalInt.empty(), false, OptionalInt.of(10), OptionalInt.empty()));
  }

  @Test
  void aGpuIsNearestToWhatItsDriverSaysAndNotToWhatItIsItself() {
    Told coherent = gpu().with(1, Metric.ACCELERATOR_INFO, "", "", "", "", "", "", "9", "0");
    assertThat(of(coherent).numaNode()).as("a NUMA node of its own").isEmpty();
    assertThat(of(coherent.with(1, Metric.ACCELERATOR_AFFINITY_INFO, "0-7", "1")).numaNode())
        .hasValue(1);
    assertThat(of(gpu().with(1, Metric.ACCELERATOR_AFFINITY_INFO, "0-7", "0-1")).numaNode())
        .as("at two it is at none")
        .isEmpty();
    Told neuron =
        new Told("aws").with(1, Metric.ACCELERATOR_INFO, "", "", "", "", "", "", "1", "0");
    assertThat(of(neuron).numaNode()).hasValue(1);
  }

  private static Told beside(String sameSwitch, String sameNumaNode) {
    return gpu()
        .with(1, Metric.ACCELERATOR_INFO, "00000000:1a:00.0", "", "", "", "", "", "", "0")
        .onNode(1, Metric.NODE_RDMA_AFFINITY_INFO, "0000:1b:00.0", "mlx5_1", "mlx5_1")
        .onNode(1, Metric.NODE_RDMA_AFFINITY_INFO, "0000:1a:00.0", sameSwitch, sameNumaNode)
        .onNode(0, Metric.NODE_RDMA_PORT_UP, "mlx5_0", "1")
        .onNode(1, Metric.NODE_RDMA_PORT_UP, "mlx5_1", "1")
        .onNode(0, Metric.NODE_RDMA_PORT_UP, "mlx5_2", "1")
        .onNode(1, Metric.NODE_RDMA_PORT_UP, "mlx5_2", "2");
  }

  @Test
  void anAdapterCountsWhereItHasAnActivePort() {
    assertThat(of(beside("mlx5_1", "")).adapterTenths()).hasValue(10);
    assertThat(of(beside("mlx5_0,mlx5_2", "")).adapterTenths()).as("its second port").hasValue(10);
    assertThat(of(beside("mlx5_0", "mlx5_1")).adapterTenths()).as("its own is down").hasValue(5);
    assertThat(of(beside("mlx5_0", "mlx5_7")).adapterTenths()).as("no such one").hasValue(0);
    assertThat(of(beside("", "")).adapterTenths()).hasValue(0);
    assertThat(of(gpu()).adapterTenths()).as("nobody said it").isEmpty();
    Told neuron =
        new Told("aws")
            .with(1, Metric.ACCELERATOR_INFO, "", "", "", "", "", "", "1", "0")
            .onNode(1, Metric.NODE_RDMA_AFFINITY_INFO, "0000:1a:00.0", "", "");
    assertThat(of(neuron).adapterTenths()).as("without an address").isEmpty();
  }

  @Test
  void onlyAFabricThatIsJoinedCounts() {
    assertThat(of(gpu().with(1, Metric.ACCELERATOR_FABRIC_STATE, "completed")).switched()).isTrue();
    assertThat(of(gpu().with(1, Metric.ACCELERATOR_FABRIC_STATE, "in_progress")).switched())
        .isFalse();
    assertThat(of(gpu().with(0, Metric.ACCELERATOR_FABRIC_STATE, "completed")).switched())
        .isFalse();
  }

  @Test
  void headroomIsTheLessOfHeatAndPower() {
    assertThat(of(margin(gpu(), 45)).headroomTenths()).hasValue(10);
    assertThat(of(margin(gpu(), 14)).headroomTenths()).hasValue(4);
    assertThat(of(margin(gpu(), -3)).headroomTenths()).as("beyond its slowdown").hasValue(0);
    Told capped = margin(power(gpu(), 350, 700), 45);
    assertThat(of(capped).headroomTenths()).hasValue(5);
    assertThat(of(power(gpu(), 700, 700)).headroomTenths()).hasValue(10);
    assertThat(of(power(gpu(), 350, 0)).headroomTenths()).isEmpty();
  }

  private static Told margin(Told told, double celsius) {
    return told.with(celsius, Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS);
  }

  private static Told power(Told told, double enforced, double usual) {
    return told.with(enforced, Metric.ACCELERATOR_POWER_LIMIT_WATTS, "enforced", "gpu")
        .with(usual, Metric.ACCELERATOR_POWER_LIMIT_WATTS, "default", "gpu")
        .with(100, Metric.ACCELERATOR_POWER_LIMIT_WATTS, "enforced", "module");
  }

  @Test
  void whatSpeaksAgainstADeviceOrItsNodeCosts() {
    Told degraded = new Told("nvidia").with(1, Metric.ACCELERATOR_HEALTH_STATE, "degraded");
    assertThat(of(gpu()).healthTenths()).hasValue(10);
    assertThat(of(degraded).healthTenths()).hasValue(5);
    Judgement observed =
        new Judgement(new Subject.Device("0", UUID), Verdict.OK, List.of(evidence()));
    assertThat(of(gpu(), new Findings(1, Optional.empty(), Map.of(UUID, observed))).healthTenths())
        .hasValue(8);
    Judgement node = new Judgement(new Subject.Node(), Verdict.DEGRADED, List.of(evidence()));
    assertThat(of(gpu(), new Findings(1, Optional.of(node), Map.of())).healthTenths()).hasValue(5);
  }

  private static Evidence evidence() {
    return new Evidence(
        "rule",
        1,
        Verdict.DEGRADED,
        Advice.NONE,
        Scope.DEVICE,
        "seen",
        0,
        "gone",
        Optional.empty(),
        true);
  }

  @Test
  void anotherTableIsLookedThroughAnew() {
    assertThat(of(margin(gpu(), 45)).headroomTenths()).hasValue(10);
    assertThat(of(gpu().with(1, Metric.ACCELERATOR_FABRIC_STATE, "completed")).headroomTenths())
        .isEmpty();
  }
}
