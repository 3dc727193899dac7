package io.millwright.drivers.neuron;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_COMPONENT_UNHEALTHY;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CORE_BUSY_SECONDS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CORE_ENGINE_CYCLES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CORE_EXECUTIONS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CORE_FLOATING_POINT_OPERATIONS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CORE_MEMORY_PEAK_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CORE_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CORE_MODEL_LOADS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CORE_RESETS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CORE_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_DEVICE_STATE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_DIE_POWER_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ENGINE_ACTIVE_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FLOATING_POINT_OPERATIONS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_HARDWARE_ERROR_CHANGES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_HEALTH_CHECK_HEARTBEATS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_HEALTH_CHECK_HEARTBEAT_AGE_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_HEALTH_ECC_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_HOST_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_FREE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_NEIGHBOUR_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_RATIO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.drivers.neuron.NeuronFixture.Shown;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device's files come to; all trees are synthetic. */
class NeuronDeviceTest {
  private static final String SERIAL = "00000000000000a1";
  private static final Reading CUT = new Reading.Unavailable(Fault.PARSE);

  @TempDir Path root;

  private NeuronFixture fixture() {
    return new NeuronFixture(root);
  }

  private Shown shown() {
    try (NeuronDevice device = fixture().open(0)) {
      return NeuronFixture.read(device, 1);
    }
  }

  @Test
  void saysSinceWhenTheHeartbeatStandsStill() {
    fixture().trainium3(0, SERIAL);
    try (NeuronDevice device = fixture().open(0)) {
      Metric age = ACCELERATOR_HEALTH_CHECK_HEARTBEAT_AGE_SECONDS;
      assertThat(NeuronFixture.read(device, 1).value(age)).isZero();
      assertThat(NeuronFixture.read(device, 401).value(age)).isEqualTo(400);
      fixture().device(0, "stats/hardware/health_status/healthcheck_heartbeat", "100\n");
      assertThat(NeuronFixture.read(device, 402).value(age)).isZero();
      fixture().device(0, "stats/hardware/health_status/healthcheck_heartbeat", "10");
      assertThat(NeuronFixture.read(device, 403).reading(age)).isEqualTo(CUT);
    }
  }

  @Test
  void readsATrainium3() {
    fixture().trainium3(0, SERIAL);
    Shown shown = shown();
    assertThat(shown.labels(ACCELERATOR_INFO))
        .containsExactly(List.of("", SERIAL, "", "2.30.2.0", "", "NDv4", "", "0"));
    assertThat(shown.value(ACCELERATOR_MEMORY_SIZE_BYTES)).isEqualTo(144L << 30);
    assertThat(shown.value(ACCELERATOR_MEMORY_USED_BYTES)).isEqualTo(88_000_000);
    assertThat(shown.value(ACCELERATOR_MEMORY_FREE_BYTES)).isEqualTo((144L << 30) - 88_000_000);
    assertThat(shown.value(ACCELERATOR_CORE_MEMORY_USED_BYTES, "7", "shared_scratchpad"))
        .isEqualTo(1_000_000);
    assertThat(shown.value(ACCELERATOR_CORE_MEMORY_PEAK_BYTES, "7", "runtime"))
        .isEqualTo(2_000_000);
    assertThat(shown.value(ACCELERATOR_HOST_MEMORY_USED_BYTES, "dma_buffers")).isEqualTo(4096);
    assertThat(shown.value(ACCELERATOR_ECC_ERRORS_TOTAL, "dram", "uncorrected")).isEqualTo(1);
    assertThat(shown.value(ACCELERATOR_ECC_ERRORS_TOTAL, "dram", "uncorrected_repairable"))
        .isEqualTo(2);
    assertThat(shown.value(ACCELERATOR_ECC_ERRORS_TOTAL, "sram", "uncorrected")).isEqualTo(3);
    assertThat(shown.value(ACCELERATOR_ECC_ERRORS_TOTAL, "dram", "corrected")).isEqualTo(7);
    assertThat(shown.value(ACCELERATOR_ECC_ERRORS_TOTAL, "sram", "corrected")).isEqualTo(8);
    assertThat(shown.value(ACCELERATOR_HEALTH_ECC_ERRORS_TOTAL, "dram", "uncorrected"))
        .isEqualTo(4);
    assertThat(shown.value(ACCELERATOR_HARDWARE_ERROR_CHANGES_TOTAL)).isEqualTo(15);
    assertThat(shown.value(ACCELERATOR_HEALTH_CHECK_HEARTBEATS_TOTAL)).isEqualTo(99);
    assertThat(shown.value(ACCELERATOR_COMPONENT_UNHEALTHY, "link_switch")).isZero();
    assertThat(shown.value(ACCELERATOR_DEVICE_STATE, "ready")).isEqualTo(1);
    assertThat(shown.value(ACCELERATOR_DEVICE_STATE, "resetting")).isZero();
    assertThat(shown.value(ACCELERATOR_POWER_UTILIZATION_RATIO, "min")).isEqualTo(0.015);
    assertThat(shown.value(ACCELERATOR_POWER_UTILIZATION_RATIO, "max")).isEqualTo(0.035);
    assertThat(shown.value(ACCELERATOR_POWER_UTILIZATION_RATIO, "avg")).isEqualTo(0.02);
    assertThat(shown.value(ACCELERATOR_DIE_POWER_UTILIZATION_RATIO, "1")).isEqualTo(0.035);
    assertThat(shown.value(ACCELERATOR_CORE_RESETS_TOTAL, "0", "failed")).isEqualTo(10);
    assertThat(shown.value(ACCELERATOR_CORE_MODEL_LOADS_TOTAL, "3")).isEqualTo(10);
    assertThat(shown.value(ACCELERATOR_CORE_FLOATING_POINT_OPERATIONS_TOTAL, "3")).isEqualTo(10);
    assertThat(shown.value(ACCELERATOR_FLOATING_POINT_OPERATIONS_TOTAL)).isEqualTo(80);
    assertThat(shown.value(ACCELERATOR_CORE_ENGINE_CYCLES_TOTAL, "5", "pe", "load_weights"))
        .isEqualTo(40);
    assertThat(shown.has(ACCELERATOR_NEIGHBOUR_INFO)).isFalse();
  }

  @Test
  void eachSeriesStandsOnce() {
    fixture().trainium3(0, SERIAL);
    try (NeuronDevice device = fixture().open(0)) {
      HashSet<Object> seen = new HashSet<>();
      for (int i = 0; i < device.readings().table().size(); i++) {
        assertThat(seen.add(device.readings().table().series(i)))
            .as("%s", device.readings().table().series(i))
            .isTrue();
      }
      assertThat(seen).hasSizeGreaterThan(300);
    }
  }

  @Test
  void sumsTheNamesOfOneOutcome() {
    fixture().trainium3(0, SERIAL);
    Shown shown = shown();
    assertThat(executions(shown, "success")).isEqualTo(1);
    assertThat(executions(shown, "bad_input")).isEqualTo(4);
    assertThat(executions(shown, "numerical_error")).isEqualTo(7);
    assertThat(executions(shown, "resource_error")).isEqualTo(9 + 10);
    assertThat(executions(shown, "hbm_ue")).isEqualTo(16 + 24);
    assertThat(executions(shown, "other")).isEqualTo(2 + 8 + 12 + 13 + 19 + 20 + 21 + 22 + 23);
  }

  private static double executions(Shown shown, String status) {
    return shown.value(ACCELERATOR_CORE_EXECUTIONS_TOTAL, "0", status);
  }

  /**
   * The tree as AWS's guide of 2.32 draws it: names of counters are files, three of the outcomes
   * have their old names, a core has no sum of its memory, no health status, no tensor engine.
   */
  @Test
  void readsTheTreeOfTheUsersGuide() {
    fixture().identity(0, SERIAL, "NDv3", "Trn2", "Trainium2").hardware(0);
    String core = "neuron_core0/stats/";
    for (String name :
        List.of(
            "infer_failed_to_queue",
            "infer_completed_with_error",
            "infer_completed_with_num_error",
            "success",
            "timeout",
            "new_metric_17")) {
      fixture().device(0, core + "status/" + name, "5\n");
    }
    fixture().device(0, core + "memory_usage/device_mem/tensors", "1024\n");
    fixture().device(0, core + "other_info/reset_req_count", "2\n");
    fixture().device(0, core + "other_info/nc_time_in_use", "2\n");
    Shown shown = shown();
    assertThat(executions(shown, "failed_to_queue")).isEqualTo(5);
    assertThat(executions(shown, "completed_with_error")).isEqualTo(5);
    assertThat(executions(shown, "numerical_error")).isEqualTo(5);
    assertThat(executions(shown, "other")).isEqualTo(5);
    assertThat(shown.value(ACCELERATOR_CORE_MEMORY_USED_BYTES, "0", "tensors")).isEqualTo(1024);
    assertThat(shown.value(ACCELERATOR_CORE_RESETS_TOTAL, "0", "requested")).isEqualTo(2);
    assertThat(shown.value(ACCELERATOR_MEMORY_SIZE_BYTES)).isEqualTo(96L << 30);
    assertThat(shown.reading(ACCELERATOR_MEMORY_USED_BYTES)).isEqualTo(new Reading.Unsupported());
    assertThat(shown.has(ACCELERATOR_HEALTH_ECC_ERRORS_TOTAL)).isFalse();
    assertThat(shown.has(ACCELERATOR_COMPONENT_UNHEALTHY)).isFalse();
    assertThat(shown.has(ACCELERATOR_ENGINE_ACTIVE_RATIO)).isFalse();
  }

  /**
   * The values seen on a trn1.2xlarge with driver 2.26.5.0 and kernel 6.8.0-1046-aws; facts from
   * pull request 417 of lablup/all-smi.
   */
  @Test
  void readsTheValuesSeenOnATrn1() {
    fixture().write("sys/module/neuron/version", "2.26.5.0\n");
    fixture().identity(0, "9ff5434815c8bd80", "NDv2", "Trn1", "Trainium1");
    fixture().device(0, "neuron_core0/info/architecture/arch_type", "NCv2\n");
    fixture()
        .device(0, "stats/power/utilization", "POWER_STATUS_VALID,1789180860,0.00,0.00,0.00\n");
    Shown shown = shown();
    assertThat(shown.labels(ACCELERATOR_INFO))
        .containsExactly(List.of("", "9ff5434815c8bd80", "", "2.26.5.0", "", "NDv2", "", "0"));
    assertThat(shown.value(ACCELERATOR_POWER_UTILIZATION_RATIO, "max")).isZero();
    assertThat(shown.value(ACCELERATOR_MEMORY_SIZE_BYTES)).isEqualTo(32L << 30);
  }

  @Test
  void knowsNoSizeOfAProductThatNobodyKnows() {
    fixture().identity(0, SERIAL, "NDv5", "Trn4", "Trainium4").core(0, 0, "NCv5");
    Shown shown = shown();
    assertThat(shown.value(ACCELERATOR_MEMORY_USED_BYTES)).isEqualTo(11_000_000);
    assertThat(shown.has(ACCELERATOR_MEMORY_SIZE_BYTES)).isFalse();
    assertThat(shown.has(ACCELERATOR_MEMORY_FREE_BYTES)).isFalse();
  }

  /** As the module's parameter {@code dev_nc_map} leaves cores out. */
  @Test
  void showsTheCoresThatAreThere() {
    fixture()
        .identity(0, SERIAL, "NDv3", "Trn2", "Trainium2")
        .core(0, 1, "NCv3")
        .core(0, 3, "NCv3");
    assertThat(shown().labels(ACCELERATOR_CORE_MODEL_LOADS_TOTAL))
        .containsExactly(List.of("1"), List.of("3"));
  }

  @Test
  void readsOfTheBaseTierOnlyWhatIsOfIt() {
    fixture().trainium3(0, SERIAL);
    try (NeuronDevice device =
        fixture().tree(Metric.Tier.BASE).open(0, CallWatch.NONE).orElseThrow()) {
      NeuronFixture.read(device, 1);
      for (int i = 0; i < device.readings().table().size(); i++) {
        assertThat(device.readings().table().series(i).metric().tier()).isEqualTo(Metric.Tier.BASE);
      }
    }
  }

  @Test
  void showsTheTorusOfATrn2AndNoneOfATrn3() {
    fixture().identity(0, SERIAL, "NDv3", "Trn2", "Trainium2");
    fixture().device(0, "connected_devices", "12, 1, 3, 4\n");
    assertThat(shown().labels(ACCELERATOR_NEIGHBOUR_INFO))
        .containsExactly(List.of("12"), List.of("1"), List.of("3"), List.of("4"));
    fixture().device(0, "info/architecture/instance_type", "Trn3\n");
    assertThat(shown().has(ACCELERATOR_NEIGHBOUR_INFO)).isFalse();
  }

  /** The driver's buffer has 20 bytes; a longer list comes as nothing, or cut. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "12, 13, 14, 15, 10, ", "12, 13, 14, 15, 10", "a, b\n"})
  void knowsNoTorusFromAListThatIsEmptyOrCut(String list) {
    fixture().identity(0, SERIAL, "NDv3", "Trn2", "Trainium2");
    fixture().device(0, "connected_devices", list);
    assertThat(shown().has(ACCELERATOR_NEIGHBOUR_INFO)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POWER_STATUS_INVALID,1789180860,1.00,3.00,2.00 | OTHER",
        "POWER_STATUS_NO_DATA,0,0.00,0.00,0.00 | OTHER",
        "POWER_STATUS_MAX,0,0.00,0.00,0.00 | OTHER",
        "POWER_STATUS_VALIDATED,1789180860,1.00,3.00,2.00 | PARSE",
        "POWER_STATUS_VALID,1789180860,1.00,3.00 | PARSE",
        "POWER_STATUS_VALID,1789180860,1.00,3.00,2.00,5.00 | PARSE",
        "POWER_STATUS_VALID,1789180860,3.00,1.00,2.00 | PARSE",
        "POWER_STATUS_VALID,1789180860,1.00,300.00,2.00 | PARSE",
        "POWER_STATUS_VALID,1789180860,-1.00,3.00,2.00 | PARSE",
        "POWER_STATUS_VALID | PARSE",
        "'' | PARSE"
      })
  void showsNoPowerUnlessItIsValid(String line, Fault fault) {
    fixture().trainium3(0, SERIAL);
    fixture().device(0, "stats/power/utilization", line + "\n");
    Shown shown = shown();
    for (String stat : List.of("min", "max", "avg")) {
      assertThat(shown.reading(ACCELERATOR_POWER_UTILIZATION_RATIO, stat))
          .isEqualTo(new Reading.Unavailable(fault));
    }
  }

  @Test
  void showsOfTheDiesThoseThatAnswer() {
    fixture().trainium3(0, SERIAL);
    try (NeuronDevice device = fixture().open(0)) {
      dies("0,unavailable\n1,10000,41\n");
      Shown shown = NeuronFixture.read(device, 1);
      assertThat(shown.reading(ACCELERATOR_DIE_POWER_UTILIZATION_RATIO, "0"))
          .isEqualTo(new Reading.Unavailable(Fault.OTHER));
      assertThat(shown.value(ACCELERATOR_DIE_POWER_UTILIZATION_RATIO, "1")).isEqualTo(1);
      dies("0,bogus(70000),41\n1,read_error\n");
      shown = NeuronFixture.read(device, 2);
      assertThat(shown.reading(ACCELERATOR_DIE_POWER_UTILIZATION_RATIO, "0")).isEqualTo(CUT);
      assertThat(shown.reading(ACCELERATOR_DIE_POWER_UTILIZATION_RATIO, "1"))
          .isEqualTo(new Reading.Unavailable(Fault.OTHER));
      dies("0,10001,1\n1,35");
      shown = NeuronFixture.read(device, 3);
      assertThat(shown.reading(ACCELERATOR_DIE_POWER_UTILIZATION_RATIO, "0")).isEqualTo(CUT);
      assertThat(shown.reading(ACCELERATOR_DIE_POWER_UTILIZATION_RATIO, "1")).isEqualTo(CUT);
    }
  }

  private void dies(String lines) {
    fixture().device(0, "stats/power/utilization_raw", "die,util_bips,counter\n" + lines);
  }

  @Test
  void namesTheComponentsThatAreNotHealthy() {
    fixture().trainium3(0, SERIAL);
    fixture().device(0, ComponentReader.FILE, "hbm, link_efa,warp_core\n");
    Shown shown = shown();
    assertThat(shown.value(ACCELERATOR_COMPONENT_UNHEALTHY, "hbm")).isEqualTo(1);
    assertThat(shown.value(ACCELERATOR_COMPONENT_UNHEALTHY, "link_efa")).isEqualTo(1);
    assertThat(shown.value(ACCELERATOR_COMPONENT_UNHEALTHY, "other")).isEqualTo(1);
    assertThat(shown.value(ACCELERATOR_COMPONENT_UNHEALTHY, "sram")).isZero();
    fixture().device(0, ComponentReader.FILE, "none\n");
    assertThat(shown().value(ACCELERATOR_COMPONENT_UNHEALTHY, "other")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hbm", "hbm,link_ef", "hbm\nsram\n", ",\n", "hbm sram\n"})
  void callsNoComponentHealthyFromAFileThatSaysNothing(String content) {
    fixture().trainium3(0, SERIAL);
    fixture().device(0, ComponentReader.FILE, content);
    for (String component : List.of("hbm", "axi_fabric", "other")) {
      assertThat(shown().reading(ACCELERATOR_COMPONENT_UNHEALTHY, component)).isEqualTo(CUT);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "12",
        "-1\n",
        "0x10\n",
        "1 2\n",
        "1\n2\n",
        "18446744073709551616\n",
        "x\n"
      })
  void showsNoNumberOfAFileThatIsNoWholeNumber(String content) {
    fixture().trainium3(0, SERIAL);
    fixture().device(0, "stats/hardware/mem_ecc_uncorrected", content);
    fixture().device(0, "neuron_core2/stats/memory_usage/device_mem/total", content);
    fixture().device(0, "neuron_core0/stats/status/resource_error/total", content);
    Shown shown = shown();
    assertThat(shown.reading(ACCELERATOR_ECC_ERRORS_TOTAL, "dram", "uncorrected")).isEqualTo(CUT);
    assertThat(shown.reading(ACCELERATOR_MEMORY_USED_BYTES)).isEqualTo(CUT);
    assertThat(shown.reading(ACCELERATOR_MEMORY_FREE_BYTES)).isEqualTo(CUT);
    assertThat(shown.reading(ACCELERATOR_CORE_EXECUTIONS_TOTAL, "0", "resource_error"))
        .isEqualTo(CUT);
    assertThat(executions(shown, "timeout")).isEqualTo(3);
  }

  @Test
  void showsTheStateByItsNumber() {
    fixture().trainium3(0, SERIAL);
    fixture().device(0, "reset", "2\n");
    assertThat(shown().value(ACCELERATOR_DEVICE_STATE, "invalid")).isEqualTo(1);
    fixture().device(0, "reset", "3\n");
    assertThat(shown().reading(ACCELERATOR_DEVICE_STATE, "ready")).isEqualTo(CUT);
  }

  @Test
  void tellsHowBusyTheEnginesWere() {
    fixture().trainium3(0, SERIAL);
    try (NeuronDevice device = fixture().open(0)) {
      assertThat(NeuronFixture.read(device, 1).reading(ACCELERATOR_ENGINE_ACTIVE_RATIO, "pe"))
          .isEqualTo(new Reading.Unsupported());
      engine(0, "0,200,10,600\n1,100,10,300\n2,100,10,300\n3,100,10,300\n");
      assertThat(NeuronFixture.read(device, 2).value(ACCELERATOR_ENGINE_ACTIVE_RATIO, "pe"))
          .isEqualTo(0.25);
    }
  }

  /** The last row was cut: it is not taken, and the cycles of all rows are not known. */
  @Test
  void dropsARowOfTheEngineThatWasCut() {
    fixture().trainium3(0, SERIAL);
    String huge = "18446744073709551615";
    String rows = "0,%1$s,%1$s,%1$s\n1,%1$s,%1$s,%1$s\n2,%1$s,%1$s,%1$s\n".formatted(huge);
    try (NeuronDevice device = fixture().open(0)) {
      NeuronFixture.read(device, 1);
      String content = ("xrow_grp,mm_active,wl_active,idle\n" + rows + "3,1,1,1\n" + rows);
      fixture().device(0, EngineReader.file(0), content.substring(0, 255));
      Shown shown = NeuronFixture.read(device, 2);
      assertThat(shown.reading(ACCELERATOR_CORE_ENGINE_CYCLES_TOTAL, "0", "pe", "idle"))
          .isEqualTo(CUT);
      assertThat(shown.value(ACCELERATOR_CORE_ENGINE_CYCLES_TOTAL, "1", "pe", "idle"))
          .isEqualTo(1200);
    }
  }

  @Test
  void takesTheLastRowOfTheEngineWithoutItsNewline() {
    fixture().trainium3(0, SERIAL);
    engine(0, "0,1,2,3\n1,1,2,3");
    assertThat(shown().value(ACCELERATOR_CORE_ENGINE_CYCLES_TOTAL, "0", "pe", "idle")).isEqualTo(6);
  }

  /** The file is asked of the device itself, and no more often than once a second. */
  @Test
  void asksTheEnginesOnceASecondAtMost() {
    fixture().trainium3(0, SERIAL);
    try (NeuronDevice device = fixture().open(0)) {
      device.read(Cadence.MEDIUM, 1_000_000_000);
      engine(0, "0,200,10,600\n");
      device.read(Cadence.MEDIUM, 1_500_000_000);
      assertThat(
              new Shown(device.readings())
                  .value(ACCELERATOR_CORE_ENGINE_CYCLES_TOTAL, "0", "pe", "idle"))
          .isEqualTo(1200);
      device.read(Cadence.MEDIUM, 2_000_000_000);
      assertThat(
              new Shown(device.readings())
                  .value(ACCELERATOR_CORE_ENGINE_CYCLES_TOTAL, "0", "pe", "idle"))
          .isEqualTo(600);
    }
  }

  private void engine(int core, String rows) {
    fixture().device(0, EngineReader.file(core), "xrow_grp,mm_active,wl_active,idle\n" + rows);
  }

  @Test
  void showsTimeInUseOnceItsUnitIsSettled() {
    fixture().trainium3(0, SERIAL);
    try (NeuronDevice device = fixture().open(0)) {
      for (int second = 1; second < 20; second++) {
        fixture().timeInUse(0, 0, second * 400_000_000_000L); // 40 % in picoseconds
        fixture().timeInUse(0, 1, 5);
        Shown shown = NeuronFixture.read(device, second);
        if (second < TimeUnitFinder.INTERVALS) {
          assertThat(shown.reading(ACCELERATOR_CORE_BUSY_SECONDS_TOTAL, "0"))
              .isEqualTo(new Reading.Unsupported());
          assertThat(shown.reading(ACCELERATOR_UTILIZATION_RATIO))
              .isEqualTo(new Reading.Unsupported());
        }
      }
      Shown shown = new Shown(device.readings());
      assertThat(shown.value(ACCELERATOR_CORE_BUSY_SECONDS_TOTAL, "0"))
          .isCloseTo(19 * 0.4, within(1e-9));
      assertThat(shown.value(ACCELERATOR_CORE_UTILIZATION_RATIO, "0")).isCloseTo(0.4, within(1e-9));
      assertThat(shown.value(ACCELERATOR_CORE_UTILIZATION_RATIO, "1")).isZero();
      assertThat(shown.value(ACCELERATOR_UTILIZATION_RATIO)).isCloseTo(0.05, within(1e-9));
      fixture().timeInUse(0, 0, 0); // cleared by a write
      shown = NeuronFixture.read(device, 20);
      assertThat(shown.value(ACCELERATOR_CORE_BUSY_SECONDS_TOTAL, "0")).isZero();
      assertThat(shown.reading(ACCELERATOR_CORE_UTILIZATION_RATIO, "0"))
          .isEqualTo(new Reading.Unavailable(Fault.OTHER));
      assertThat(shown.reading(ACCELERATOR_UTILIZATION_RATIO))
          .isEqualTo(new Reading.Unavailable(Fault.OTHER));
    }
  }

  @Test
  void isLostWhenItsDirectoryIsGoneAndThereAgainWhenItIsOpenedAnew() {
    fixture().trainium3(0, SERIAL);
    try (NeuronDevice device = fixture().open(0)) {
      assertThat(device.read(Cadence.FAST, 1)).isEqualTo(Source.Outcome.ANSWERED);
      fixture().remove(0);
      assertThat(device.read(Cadence.FAST, 2)).isEqualTo(Source.Outcome.DEVICE_LOST);
      assertThat(fixture().tree(Metric.Tier.BASE).open(0, CallWatch.NONE)).isEmpty();
      fixture().trainium3(0, SERIAL);
      try (NeuronDevice again = fixture().open(0)) {
        assertThat(again.accelerator()).isEqualTo(device.accelerator());
        assertThat(again.read(Cadence.FAST, 3)).isEqualTo(Source.Outcome.ANSWERED);
      }
    }
  }

  /** Whatever could not be read of it before; also where it never told its memory. */
  @Test
  void tellsItsLossByItsMemory() {
    fixture().trainium3(0, SERIAL);
    fixture().identity(1, "00000000000000b1", "NDv3", "Trn2", "Trainium2").hardware(1);
    for (int number = 0; number < 2; number++) {
      try (NeuronDevice device = fixture().open(number)) {
        if (number == 0) {
          fixture().delete(fixture().directory(0).resolve("neuron_core0")); // not found, not lost
        }
        NeuronFixture.read(device, 1);
        device.lose(3);
        assertThat(new Shown(device.readings()).reading(ACCELERATOR_MEMORY_USED_BYTES))
            .isEqualTo(new Reading.Unavailable(Fault.DEVICE_LOST));
        assertThat(new Shown(device.readings()).labels(ACCELERATOR_INFO)).hasSize(1);
      }
    }
  }

  @Test
  void seesThatItsTreeHasGrown() {
    fixture().identity(0, SERIAL, "NDv4", "Trn3", "Trainium3");
    try (NeuronDevice device = fixture().open(0)) {
      assertThat(device.read(Cadence.FAST, 1)).isEqualTo(Source.Outcome.ANSWERED);
      assertThat(device.grown()).isFalse();
      fixture().core(0, 0, "NCv4");
      assertThat(device.grown()).isTrue();
    }
    try (NeuronDevice device = fixture().open(0)) {
      assertThat(device.grown()).isFalse();
    }
  }

  @Test
  void aDirectoryThatIsEmptyDoesNotAnswer() {
    fixture().device(0, "nothing", "");
    try (NeuronDevice device = fixture().open(0)) {
      assertThat(device.read(Cadence.FAST, 1)).isEqualTo(Source.Outcome.FAILED);
      assertThat(device.identity().whole()).isFalse();
    }
  }

  @Test
  void showsNoMinuteThatIsPast() {
    fixture().trainium3(0, SERIAL);
    try (NeuronDevice device = fixture().open(0)) {
      NeuronFixture.read(device, 10);
      assertThat(NeuronFixture.read(device, 190).value(ACCELERATOR_POWER_UTILIZATION_RATIO, "max"))
          .isEqualTo(0.035);
      assertThat(
              NeuronFixture.read(device, 191).reading(ACCELERATOR_POWER_UTILIZATION_RATIO, "max"))
          .isEqualTo(new Reading.Unavailable(Fault.TIMEOUT));
      fixture()
          .device(0, "stats/power/utilization", "POWER_STATUS_VALID,1789180920,1.00,4.00,2.00\n");
      assertThat(NeuronFixture.read(device, 192).value(ACCELERATOR_POWER_UTILIZATION_RATIO, "max"))
          .isEqualTo(0.04);
    }
  }

  @Test
  void goesOnWithoutAFileThatVanished() {
    fixture().trainium3(0, SERIAL);
    try (NeuronDevice device = fixture().open(0)) {
      fixture().delete(fixture().directory(0).resolve("stats/power"));
      assertThat(device.read(Cadence.MEDIUM, 1)).isEqualTo(Source.Outcome.ANSWERED);
      Shown shown = new Shown(device.readings());
      assertThat(shown.reading(ACCELERATOR_POWER_UTILIZATION_RATIO, "avg"))
          .isEqualTo(new Reading.Unavailable(Fault.NOT_FOUND));
      assertThat(shown.value(ACCELERATOR_MEMORY_USED_BYTES)).isEqualTo(88_000_000);
    }
  }

  @Test
  void failsWhenNothingOfItCanBeRead() {
    fixture().identity(0, SERIAL, "NDv2", "Trn1", "Trainium1").hardware(0);
    try (NeuronDevice device = fixture().open(0)) {
      fixture().delete(fixture().directory(0).resolve("stats"));
      assertThat(device.read(Cadence.SLOW, 1)).isEqualTo(Source.Outcome.FAILED);
    }
  }
}
