package io.millwright.agent.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class NeuronLayoutTest {
  private static final NeuronIdentity ON_SITE =
      new NeuronIdentity("n1", "n1", "", "", "", "", "", "", "");
  private static final String LABELS =
      "{availability_zone=\"\",instance_id=\"n1\",instance_name=\"n1\",instance_type=\"\",%s"
          + "subnet_id=\"\"} ";

  private static final String STATUS = "execution_status_total";

  private final Map<Series, Double> values = new LinkedHashMap<>();

  private NeuronLayoutTest with(Metric metric, double value, String... own) {
    List<String> labels = new ArrayList<>(List.of("n1"));
    labels.addAll(List.of(own));
    values.put(new Series(metric, labels, false), value);
    return this;
  }

  private NeuronLayoutTest device(int index, Metric metric, double value, String... own) {
    Accelerator device =
        new Accelerator(
            "n1", Integer.toString(index), "neuron-" + index, "aws", "Trainium2", false);
    values.put(Series.of(metric, device, own), value);
    return this;
  }

  private Readings readings(long atNanos) {
    SeriesTable.Builder table = SeriesTable.builder();
    values.keySet().forEach(series -> table.add(Cadence.FAST, series));
    Readings readings = new Readings(table.build());
    readings.at(atNanos);
    for (int i = 0; i < readings.table().size(); i++) {
      readings.measured(i, values.getOrDefault(readings.table().series(i), Double.NaN));
    }
    return readings;
  }

  private NodeSnapshot snapshot() {
    return Snapshots.snapshot(readings(1));
  }

  private String page() {
    return Snapshots.page(snapshot(), new NeuronDialect(() -> ON_SITE));
  }

  @Test
  void labelsStandInTheOrderOfTheAlphabet() {
    with(Metric.ACCELERATOR_EXECUTIONS_TOTAL, 0, "completed")
        .with(Metric.ACCELERATOR_RUNTIME_CORE_UTILIZATION_RATIO, 0.25, "3", "tag \"x\"");
    assertThat(page())
        .contains(
            "# HELP neuroncore_utilization_ratio NeuronCore utilization ratio\n"
                + "# TYPE neuroncore_utilization_ratio gauge\n"
                + "neuroncore_utilization_ratio"
                + LABELS.formatted("neuroncore=\"3\",region=\"\",runtime_tag=\"tag \\\"x\\\"\",")
                + "0.25\n");
  }

  @Test
  void aNodeWithNothingHasItsIdentity() {
    assertThat(page())
        .isEqualTo(
            "# HELP instance_info The machine; its identity is in the labels\n"
                + "# TYPE instance_info gauge\n"
                + "instance_info"
                + LABELS.formatted("region=\"\",")
                + "1\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NeuronIdentity("", "", "", "", "", "", "", "", ""));
  }

  @Test
  void anIdentityThatIsLearntChangesTheLabels() {
    AtomicReference<NeuronIdentity> identity = new AtomicReference<>(ON_SITE);
    DialectWriter writer = new DialectWriter(new NeuronDialect(identity::get));
    NodeSnapshot snapshot = snapshot();
    assertThat(Snapshots.page(snapshot, writer)).contains("instance_id=\"n1\"");
    identity.set(
        new NeuronIdentity(
            "box", "i-7", "trn2.48xlarge", "z", "r", "s", "16", "103079215104", "4"));
    assertThat(Snapshots.page(snapshot, writer))
        .contains("instance_id=\"i-7\",instance_name=\"box\",instance_type=\"trn2.48xlarge\"")
        .contains(
            "neuron_hardware_info{availability_zone=\"z\",instance_id=\"i-7\",instance_name=\"box\","
                + "instance_type=\"trn2.48xlarge\",neuron_device_count=\"16\","
                + "neuron_device_memory_size=\"103079215104\",neuroncore_per_device_count=\"4\","
                + "region=\"r\",subnet_id=\"s\"} 1\n");
  }

  @Test
  void whatTheDriverSaysIsShownWhereNeuronMonitorIsOff() {
    for (int device : new int[] {10, 2}) {
      for (String core : List.of("1", "0")) {
        double busy = device / 100.0 + Integer.parseInt(core) / 1000.0;
        device(device, Metric.ACCELERATOR_CORE_UTILIZATION_RATIO, busy, core);
        device(device, Metric.ACCELERATOR_CORE_MEMORY_USED_BYTES, device, core, "runtime");
        device(device, Metric.ACCELERATOR_CORE_EXECUTIONS_TOTAL, 100, core, "success");
        device(device, Metric.ACCELERATOR_CORE_EXECUTIONS_TOTAL, 1, core, "nc_ue");
        device(device, Metric.ACCELERATOR_CORE_EXECUTIONS_TOTAL, 2, core, "dma_abort");
      }
      device(device, Metric.ACCELERATOR_ECC_ERRORS_TOTAL, 5, "dram", "uncorrected");
      device(device, Metric.ACCELERATOR_ECC_ERRORS_TOTAL, 6, "dram", "uncorrected_repairable");
    }
    String page = page();
    assertThat(lines(page, "neuroncore_utilization_ratio"))
        .containsExactlyInAnyOrder("4 0.02", "5 0.021", "20 0.1", "21 0.101");
    assertThat(Snapshots.numbers(page, "neuroncore_memory_usage_runtime_memory"))
        .containsExactly("10", "10", "2", "2");
    assertThat(page)
        .contains("runtime_tag=\"\",status_type=\"completed\",subnet_id=\"\"} 0\n")
        .contains("runtime_tag=\"\",status_type=\"completed_with_err\",subnet_id=\"\"} 0\n");
    assertThat(Snapshots.numbers(page, "hardware_ecc_events_total")).containsExactly("5", "5");
    with(Metric.ACCELERATOR_EXECUTIONS_TOTAL, 0, "completed");
    assertThat(page()).as("an idle node that is read by neuron-monitor").isEqualTo(page);
  }

  @Test
  void eachFamilyFallsBackByItself() {
    device(0, Metric.ACCELERATOR_CORE_UTILIZATION_RATIO, 0.1, "0");
    device(0, Metric.ACCELERATOR_CORE_MEMORY_USED_BYTES, 11, "0", "tensors");
    device(0, Metric.ACCELERATOR_CORE_EXECUTIONS_TOTAL, 5, "0", "success");
    with(Metric.ACCELERATOR_RUNTIME_CORE_UTILIZATION_RATIO, 0.9, "0", "t");
    String page = page();
    assertThat(Snapshots.numbers(page, "neuroncore_utilization_ratio")).containsExactly("0.9");
    assertThat(Snapshots.numbers(page, "neuroncore_memory_usage_tensors")).containsExactly("11");
    assertThat(Snapshots.numbers(page, "execution_status_total")).containsExactly("0");
    with(Metric.ACCELERATOR_RUNTIME_CORE_MEMORY_USED_BYTES, 12, "0", "t", "tensors")
        .with(Metric.ACCELERATOR_RUNTIME_EXECUTIONS_TOTAL, 7, "t", "completed");
    page = page();
    assertThat(Snapshots.numbers(page, "neuroncore_memory_usage_tensors")).containsExactly("12");
    assertThat(Snapshots.numbers(page, "execution_status_total")).containsExactly("7");
  }

  /** One after the other: growth, a device that is gone, one that comes, a driver reloaded. */
  @Test
  void executionsOfTheDriverNeverFall() {
    DialectWriter writer = new DialectWriter(new NeuronDialect(() -> ON_SITE));
    assertThat(completed(writer, 100, 1000)).containsExactly("0");
    assertThat(completed(writer, 107, 1003)).containsExactly("10");
    Readings gone = readings(1);
    gone.unavailable(1, Fault.DEVICE_LOST);
    gone.measured(0, 108);
    assertThat(Snapshots.numbers(Snapshots.page(Snapshots.snapshot(gone), writer), STATUS))
        .containsExactly("11");
    values.clear();
    assertThat(completed(writer, 110)).containsExactly("13");
    assertThat(completed(writer, 110, 1004)).containsExactly("14");
    assertThat(completed(writer, 2, 1004, 500)).containsExactly("16");
    assertThat(completed(writer, 2, 1004, 501)).containsExactly("17");
    Readings nothing = readings(1);
    for (int i = 0; i < nothing.table().size(); i++) {
      nothing.unavailable(i, Fault.DEVICE_LOST);
    }
    assertThat(Snapshots.page(Snapshots.snapshot(nothing), writer)).doesNotContain(STATUS);
  }

  private List<String> completed(DialectWriter writer, double... counts) {
    for (int device = 0; device < counts.length; device++) {
      device(device, Metric.ACCELERATOR_CORE_EXECUTIONS_TOTAL, counts[device], "0", "success");
    }
    return Snapshots.numbers(Snapshots.page(snapshot(), writer), STATUS);
  }

  private static List<String> lines(String page, String family) {
    return page.lines()
        .filter(line -> line.startsWith(family + "{"))
        .map(line -> line.replaceAll(".*neuroncore=\"(\\d+)\".*\\} ", "$1 "))
        .toList();
  }

  @Test
  void anNvidiaDeviceIsOnAnotherPage() {
    Accelerator gpu = new Accelerator("n1", "0", "GPU-1", "nvidia", "B200", false);
    values.put(Series.of(Metric.ACCELERATOR_CORE_UTILIZATION_RATIO, gpu, "gi:1/ci:0"), 0.5);
    assertThat(page()).doesNotContain("neuroncore");
  }

  @Test
  void whatCouldNotBeReadIsAbsent() {
    with(Metric.ACCELERATOR_EXECUTIONS_TOTAL, 0, "completed")
        .with(Metric.ACCELERATOR_RUNTIME_MEMORY_USED_BYTES, 7, "t", "host")
        .with(Metric.ACCELERATOR_RUNTIME_MEMORY_USED_BYTES, 8, "t", "device");
    Readings readings = readings(1);
    readings.unavailable(1, Fault.OTHER);
    String page = Snapshots.page(Snapshots.snapshot(readings), new NeuronDialect(() -> ON_SITE));
    assertThat(Snapshots.numbers(page, "neuron_runtime_memory_used_bytes")).containsExactly("8");
    assertThat(page).contains("memory_location=\"neuron_device\"");
  }

  @Test
  void theHostsUsageIsThatBetweenTwoPages() {
    with(Metric.NODE_CPUS, 4, "online")
        .with(Metric.NODE_MEMORY_SIZE_BYTES, 1000)
        .with(Metric.NODE_MEMORY_AVAILABLE_BYTES, 300);
    for (String mode : List.of("user", "nice", "system", "iowait", "irq", "softirq", "idle")) {
      with(Metric.NODE_CPU_SECONDS_TOTAL, 0, mode);
    }
    DialectWriter writer = new DialectWriter(new NeuronDialect(() -> ON_SITE));
    Readings readings = readings(1);
    String first = Snapshots.page(Snapshots.snapshot(readings), writer);
    assertThat(first).doesNotContain("system_vcpu_usage_ratio").contains("system_vcpu_count");
    assertThat(Snapshots.numbers(first, "system_memory_used_bytes")).containsExactly("700");
    readings.at(1 + 2_000_000_000L);
    for (int i = 0; i < readings.table().size(); i++) {
      if (readings.table().series(i).metric() == Metric.NODE_CPU_SECONDS_TOTAL) {
        readings.measured(i, 1);
      }
    }
    String second = Snapshots.page(Snapshots.snapshot(readings), writer);
    assertThat(Snapshots.numbers(second, "system_vcpu_usage_ratio")).containsExactly("0.5", "0.25");
  }
}
