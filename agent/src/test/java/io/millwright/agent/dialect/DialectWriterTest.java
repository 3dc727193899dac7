package io.millwright.agent.dialect;

import static io.millwright.agent.dialect.Snapshots.FIRST;
import static io.millwright.agent.dialect.Snapshots.SECOND;
import static io.millwright.agent.dialect.Snapshots.classic;
import static io.millwright.agent.dialect.Snapshots.numbers;
import static io.millwright.agent.dialect.Snapshots.page;
import static io.millwright.agent.dialect.Snapshots.release49;
import static io.millwright.agent.dialect.Snapshots.snapshot;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DialectWriterTest {
  private static final List<String> REASONS =
      List.of(
          "idle",
          "app_clocks",
          "sw_power_cap",
          "hw_slowdown",
          "sync_boost",
          "sw_thermal",
          "hw_thermal",
          "hw_power_brake",
          "display");
  private static final List<String> ACTIONS =
      List.of(
          "none",
          "reset",
          "reboot",
          "drain_p2p",
          "drain_and_reset",
          "recover_imex_domain",
          "bus_reset",
          "system_reboot",
          "unknown");

  /** A family of each kind of field, of two devices, one of them hardly known. */
  private static Snapshots node() {
    Snapshots node =
        new Snapshots()
            .known(FIRST, "00000000:8d:00.0", "3")
            .with(Metric.ACCELERATOR_CLOCK_HERTZ, FIRST, 1.965e9, "sm")
            .with(Metric.ACCELERATOR_CLOCK_HERTZ, SECOND, 120e6, "sm")
            .with(Metric.ACCELERATOR_TEMPERATURE_CELSIUS, FIRST, 61, "core")
            .with(Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS, FIRST, -3)
            .with(Metric.ACCELERATOR_POWER_WATTS, FIRST, 512.345, "gpu")
            .with(Metric.ACCELERATOR_POWER_WATTS, FIRST, 2000, "module")
            .with(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, FIRST, 9123456.789, "gpu")
            .with(Metric.ACCELERATOR_UTILIZATION_RATIO, FIRST, 0.29)
            .with(Metric.ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO, FIRST, 0.21)
            .with(Metric.ACCELERATOR_MEMORY_SIZE_BYTES, FIRST, 191_503_499_264d)
            .with(Metric.ACCELERATOR_MEMORY_USED_BYTES, FIRST, 1_048_575)
            .with(Metric.ACCELERATOR_MEMORY_FREE_BYTES, FIRST, 3 * 1_048_575d)
            .with(Metric.ACCELERATOR_THROTTLE_SECONDS_TOTAL, FIRST, 12.25, "sw_power_cap")
            .with(Metric.ACCELERATOR_ECC_ERRORS_TOTAL, FIRST, 3, "dram", "corrected")
            .with(Metric.ACCELERATOR_ECC_ERRORS_TOTAL, FIRST, 4, "sram", "corrected")
            .with(Metric.ACCELERATOR_MEMORY_REMAPPED_ROWS, FIRST, 2, "uncorrectable")
            .with(Metric.ACCELERATOR_POWER_LIMIT_WATTS, FIRST, 1000, "enforced", "gpu")
            .with(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, FIRST, 0, "xid", "79", "fatal")
            .with(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, FIRST, 2, "xid", "13", "warning")
            .with(
                Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS,
                FIRST,
                1.7e9,
                "xid",
                "13",
                "warning")
            .with(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, SECOND, 0, "xid", "79", "fatal");
    for (String reason : REASONS) {
      double active = reason.equals("sw_power_cap") || reason.equals("display") ? 1 : 0;
      node.with(Metric.ACCELERATOR_THROTTLE_ACTIVE, FIRST, active, reason);
    }
    for (String action : ACTIONS) {
      double current = action.equals("drain_p2p") ? 1 : 0;
      node.with(Metric.ACCELERATOR_RECOVERY_ACTION, FIRST, current, action);
    }
    return node;
  }

  @Test
  void writesThePagesOfTheGoldenFiles() throws IOException {
    NodeSnapshot node = node().snapshot();
    for (DcgmDialect dialect : List.of(classic(), release49())) {
      Path golden = Path.of("src/test/resources/golden", dialect.name().word() + ".txt");
      String page = page(node, dialect);
      if (Boolean.getBoolean("golden.update")) {
        Files.createDirectories(golden.getParent());
        Files.writeString(golden, page);
      }
      assertThat(page).isEqualTo(Files.readString(golden, UTF_8));
    }
  }

  @Test
  void labelsStandInTheExportersOrderAndTheHostsSpellingIsTheSites() {
    NodeSnapshot node = node().snapshot();
    String before =
        "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",UUID=\"GPU-a\",pci_bus_id=\"00000000:8D:00.0\","
            + "device=\"nvidia3\",modelName=\"NVIDIA B200\",";
    assertThat(page(node, classic()))
        .contains(before + "Hostname=\"n1\",DCGM_FI_DRIVER_VERSION=\"580.82.07\"} 61\n");
    assertThat(page(node, DcgmFields.packaged().classic("hostname", Snapshots.XIDS)))
        .contains(before + "hostname=\"n1\",DCGM_FI_DRIVER_VERSION=\"580.82.07\"} 61\n");
    assertThat(page(node, release49()))
        .contains(
            before.replace("GPU_TEMP", "GPU_TEMP_CELSIUS")
                + "hostname=\"n1\",DCGM_FI_SYSTEM_DRIVER_VERSION=\"580.82.07\"} 61\n");
  }

  @Test
  void aMigInstanceIsToldByItsGpuAndItsNumber() {
    Accelerator instance =
        new Accelerator("n1", "0:gi7", "MIG-x", "nvidia", "NVIDIA B200 MIG 1g.23gb", false);
    NodeSnapshot node =
        new Snapshots()
            .known(FIRST, "00000000:8d:00.0", "0")
            .with(Metric.ACCELERATOR_MEMORY_USED_BYTES, instance, 5 << 20)
            .snapshot();
    assertThat(page(node, classic()))
        .contains(
            "DCGM_FI_DEV_FB_USED{gpu=\"0\",UUID=\"GPU-a\",pci_bus_id=\"00000000:8D:00.0\","
                + "device=\"nvidia0\",modelName=\"NVIDIA B200\",GPU_I_PROFILE=\"1g.23gb\","
                + "GPU_I_ID=\"7\",Hostname=\"n1\",");
  }

  /** The labels name the GPU instance alone, and no series may be there twice. */
  @Test
  void ofSeveralComputeInstancesOfAGpuInstanceThereIsOneLine() {
    Snapshots node = new Snapshots().known(FIRST, "00000000:8d:00.0", "0");
    for (int i = 0; i < 2; i++) {
      Accelerator instance =
          new Accelerator(
              "n1", "0:gi2ci" + i, "MIG-" + i, "nvidia", "NVIDIA H100 MIG 1c.3g.40gb", false);
      node.with(Metric.ACCELERATOR_MEMORY_USED_BYTES, instance, 5 << 20);
      node.with(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, instance, 1, "xid", "94", "warning");
    }
    assertThat(page(node.snapshot(), classic()).lines().filter(line -> !line.startsWith("#")))
        .singleElement()
        .asString()
        .startsWith("DCGM_FI_DEV_FB_USED{gpu=\"0\"")
        .contains("GPU_I_PROFILE=\"3g.40gb\",GPU_I_ID=\"2\"")
        .endsWith("} 5");
  }

  @Test
  void devicesOfOthersAreNotOnThePage() {
    Accelerator neuron = new Accelerator("n1", "0", "t1", "aws", "trainium3", false);
    NodeSnapshot node =
        new Snapshots().with(Metric.ACCELERATOR_MEMORY_USED_BYTES, neuron, 1).snapshot();
    assertThat(page(node, classic())).isEmpty();
  }

  @Test
  void whatIsSimulatedSaysSoAboveEverything() {
    Accelerator simulated = new Accelerator("n1", "0", "GPU-s", "nvidia", "NVIDIA B200", true);
    Snapshots node =
        new Snapshots()
            .known(simulated, "00000000:8d:00.0", "0")
            .with(Metric.ACCELERATOR_UTILIZATION_RATIO, simulated, 1);
    assertThat(page(node.snapshot(), classic())).startsWith("# Simulated hardware: ");
    assertThat(page(node().snapshot(), classic())).doesNotContain("imulated");
  }

  @Test
  void whatIsNotMeasuredIsAbsentWithItsHeadings() {
    Readings readings =
        new Snapshots()
            .with(Metric.ACCELERATOR_UTILIZATION_RATIO, FIRST, 0.5)
            .with(Metric.ACCELERATOR_POWER_WATTS, FIRST, 5, "gpu")
            .readings();
    readings.unavailable(0, Fault.TIMEOUT);
    assertThat(page(snapshot(readings), classic()))
        .doesNotContain("GPU_UTIL")
        .contains("DCGM_FI_DEV_POWER_USAGE");
    readings.unsupported(1);
    assertThat(page(snapshot(readings), classic())).isEmpty();
  }

  /** A sum without one of its parts would be a counter that jumps. */
  @Test
  void aSumWaitsForAPartThatFailedAndNotForOneThatTheDeviceDoesNotHave() {
    Readings readings =
        new Snapshots()
            .with(Metric.ACCELERATOR_ECC_ERRORS_TOTAL, FIRST, 3, "dram", "corrected")
            .with(Metric.ACCELERATOR_ECC_ERRORS_TOTAL, FIRST, 4, "sram", "corrected")
            .readings();
    String family = "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL";
    assertThat(numbers(page(snapshot(readings), classic()), family)).containsExactly("7");
    readings.unsupported(1);
    assertThat(numbers(page(snapshot(readings), classic()), family)).containsExactly("3");
    readings.unavailable(1, Fault.TIMEOUT);
    assertThat(numbers(page(snapshot(readings), classic()), family)).isEmpty();
    readings.unsupported(1);
    readings.unsupported(0);
    assertThat(numbers(page(snapshot(readings), classic()), family)).isEmpty();
  }

  @Test
  void anActionThatNobodyKnowsIsNotShownAsNone() {
    Snapshots node = new Snapshots();
    for (String action : ACTIONS) {
      node.with(
          Metric.ACCELERATOR_RECOVERY_ACTION, FIRST, action.equals("unknown") ? 1 : 0, action);
    }
    assertThat(page(node.snapshot(), classic())).isEmpty();
    for (int i = 0; i < ACTIONS.size() - 1; i++) {
      Snapshots known = new Snapshots();
      for (String action : ACTIONS) {
        double current = action.equals(ACTIONS.get(i)) ? 1 : 0;
        known.with(Metric.ACCELERATOR_RECOVERY_ACTION, FIRST, current, action);
      }
      assertThat(numbers(page(known.snapshot(), classic()), "DCGM_FI_DEV_GET_GPU_RECOVERY_ACTION"))
          .containsExactly(Integer.toString(i));
    }
  }

  /** One family of ours is bandwidth where the profiling counters are read, and time elsewhere. */
  @Test
  void memoryActivityIsCopyTimeOrBandwidthButNotBoth() {
    Snapshots node =
        new Snapshots().with(Metric.ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO, FIRST, 0.25);
    assertThat(page(node.snapshot(), classic()))
        .contains("\nDCGM_FI_DEV_MEM_COPY_UTIL{")
        .doesNotContain("DRAM_ACTIVE");
    node.with(Metric.ACCELERATOR_ENGINE_ACTIVE_RATIO, FIRST, 0, "graphics");
    String profiled = page(node.snapshot(), classic());
    assertThat(profiled).doesNotContain("MEM_COPY");
    assertThat(numbers(profiled, "DCGM_FI_PROF_DRAM_ACTIVE")).containsExactly("0.250000");
    assertThat(numbers(profiled, "DCGM_FI_PROF_GR_ENGINE_ACTIVE")).containsExactly("0.000000");
  }

  @Test
  void theNewestXidCountsAndCarriesItsMeaning() {
    Readings readings =
        new Snapshots()
            .with(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, FIRST, 0, "xid", "79", "fatal")
            .with(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, FIRST, 1, "xid", "144.RLW", "fatal")
            .with(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, FIRST, 1, "sxid", "12028", "fatal")
            .with(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, FIRST, 1, "xid", "other", "warning")
            .with(
                Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS,
                FIRST,
                100,
                "xid",
                "79",
                "fatal")
            .with(
                Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS,
                FIRST,
                200,
                "xid",
                "144.RLW",
                "fatal")
            .readings();
    String family = "DCGM_FI_DEV_XID_ERRORS";
    DialectWriter writer = new DialectWriter(classic());
    assertThat(page(snapshot(readings), writer))
        .contains(",err_code=\"144\",err_msg=\"" + Snapshots.XIDS.meaning(144) + "\"} 144\n");
    readings.unavailable(5, Fault.TIMEOUT);
    assertThat(page(snapshot(readings), writer))
        .contains(",err_code=\"79\",err_msg=\"" + Snapshots.XIDS.meaning(79) + "\"} 79\n");
    readings.unsupported(4);
    assertThat(page(snapshot(readings), writer))
        .contains(",err_code=\"0\",err_msg=\"No Error\"} 0\n");
    for (int i = 0; i < readings.table().size(); i++) {
      readings.unavailable(i, Fault.TIMEOUT);
    }
    assertThat(numbers(page(snapshot(readings), writer), family)).isEmpty();
  }

  @Test
  void aRateIsTheGrowthBetweenTwoReadings() {
    Snapshots node =
        new Snapshots().with(Metric.ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL, FIRST, 1000);
    Readings readings = node.readings();
    DialectWriter writer = new DialectWriter(classic());
    String family = "DCGM_FI_PROF_PCIE_TX_BYTES";
    assertThat(numbers(page(snapshot(readings), writer), family)).isEmpty();
    grown(readings, 2_000_000_001L, 5000);
    assertThat(numbers(page(snapshot(readings), writer), family)).containsExactly("2000");
    assertThat(numbers(page(snapshot(readings), writer), family))
        .as("the same reading again")
        .containsExactly("2000");
    readings.unavailable(0, Fault.TIMEOUT);
    assertThat(numbers(page(snapshot(readings), writer), family)).isEmpty();
    grown(readings, 4_000_000_001L, 6000);
    assertThat(numbers(page(snapshot(readings), writer), family)).containsExactly("500");
    Readings again =
        node.with(Metric.ACCELERATOR_UTILIZATION_RATIO, FIRST, 1).readings(); // another table
    grown(again, 5_000_000_001L, 7000);
    assertThat(numbers(page(snapshot(again), writer), family)).containsExactly("1000");
    grown(again, 6_000_000_001L, 10);
    assertThat(numbers(page(snapshot(again), writer), family)).as("set back by a reload").isEmpty();
  }

  private static void grown(Readings readings, long atNanos, double count) {
    readings.at(atNanos);
    readings.measured(0, count);
  }

  @Test
  void ofTwoSeriesAlikeTheFirstIsShown() {
    Readings first =
        new Snapshots().with(Metric.ACCELERATOR_UTILIZATION_RATIO, FIRST, 0.5).readings();
    Readings second =
        new Snapshots().with(Metric.ACCELERATOR_UTILIZATION_RATIO, FIRST, 0.75).readings();
    NodeSnapshot both = new NodeSnapshot(1, 1, List.of(first.sample(), second.sample()));
    assertThat(numbers(page(both, classic()), "DCGM_FI_DEV_GPU_UTIL")).containsExactly("50");
  }

  @Test
  void aPageOfTheSameTablesAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    NodeSnapshot node = node().snapshot();
    DialectWriter writer = new DialectWriter(classic());
    PageBuffer buffer = new PageBuffer(1 << 20);
    assertThat(writer.write(node, buffer)).isGreaterThan(15);
    long least = Long.MAX_VALUE; // of five: the JVM's own one-off work is not ours
    for (int round = 0; round < 5; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1000; i++) {
        buffer.clear();
        writer.write(node, buffer);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    System.out.println("garbage of 1000 pages: " + least + " B");
    assertThat(least).isZero();
  }
}
