package io.millwright.simulator.fleet;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * One series of the model. The families are those of the catalogue, with all ten readings of the
 * hot set, the verdicts and the error events; some of the labels' values are made up, so that the
 * shares of the model come out.
 *
 * @param own values of the labels behind those of the scope
 */
record ModelSeries(Metric metric, List<String> own, ValueKind kind) {
  static final int DEVICES = 8;

  /** The Xids that are counted. */
  static final List<String> XIDS = List.of("31", "79", "94");

  /** Of one device: ninety-nine, for the node has eight of its own. */
  static final List<ModelSeries> OF_DEVICE = ofDevice();

  static final List<ModelSeries> OF_NODE = ofNode();

  /** Of a whole node: 800. */
  static final int COUNT = DEVICES * OF_DEVICE.size() + OF_NODE.size();

  private static final int LINKS = 9;

  ModelSeries {
    own = List.copyOf(own);
  }

  private static List<ModelSeries> ofDevice() {
    List<ModelSeries> all = new ArrayList<>();
    power(all);
    shares(all);
    climate(all);
    counters(all);
    standing(all);
    return List.copyOf(all);
  }

  private static void power(List<ModelSeries> all) {
    for (String scope : List.of("gpu", "memory", "module", "cpu")) {
      add(all, Metric.ACCELERATOR_POWER_WATTS, ValueKind.NOISE, scope);
    }
    for (String scope : List.of("gpu", "memory", "module")) {
      add(all, Metric.ACCELERATOR_POWER_WINDOW_WATTS, ValueKind.NOISE, "min", scope);
      add(all, Metric.ACCELERATOR_POWER_WINDOW_WATTS, ValueKind.NOISE, "max", scope);
    }
  }

  private static void shares(List<ModelSeries> all) {
    add(all, Metric.ACCELERATOR_UTILIZATION_RATIO, ValueKind.SHARE);
    add(all, Metric.ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO, ValueKind.SHARE);
    add(all, Metric.ACCELERATOR_POWER_UTILIZATION_RATIO, ValueKind.SHARE, "avg");
    for (String engine : List.of("graphics", "sm", "tensor", "fp64", "fp32", "fp16", "int")) {
      add(all, Metric.ACCELERATOR_ENGINE_ACTIVE_RATIO, ValueKind.SHARE, engine);
    }
  }

  private static void climate(List<ModelSeries> all) {
    add(all, Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS, ValueKind.TEMPERATURE);
    for (String sensor :
        List.of("core", "memory", "hbm1", "hbm2", "hbm3", "hbm4", "hbm5", "hbm6", "hbm7")) {
      add(all, Metric.ACCELERATOR_TEMPERATURE_CELSIUS, ValueKind.TEMPERATURE, sensor);
    }
    for (String domain :
        List.of(
            "graphics", "sm", "memory", "video", "nvdec", "nvenc", "jpeg", "ofa", "xbar", "sys")) {
      add(all, Metric.ACCELERATOR_CLOCK_HERTZ, ValueKind.CLOCK, domain);
    }
  }

  private static void counters(List<ModelSeries> all) {
    add(all, Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, ValueKind.ENERGY, "gpu");
    add(all, Metric.ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL, ValueKind.COUNTER);
    for (int link = 0; link < LINKS; link++) {
      add(all, Metric.ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL, ValueKind.COUNTER, "" + link, "nvlink");
      add(
          all,
          Metric.ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL,
          ValueKind.COUNTER,
          "" + link,
          "nvlink");
    }
  }

  private static void standing(List<ModelSeries> all) {
    add(all, Metric.ACCELERATOR_INFO, ValueKind.ONE, "", "", "", "", "", "Blackwell", "", "");
    add(all, Metric.ACCELERATOR_UP, ValueKind.ONE);
    verdicts(all, Metric.ACCELERATOR_HEALTH_STATE);
    for (String reason :
        List.of(
            "hw_slowdown", "sw_power_cap", "hw_thermal", "sw_thermal", "hw_power_brake", "idle")) {
      add(all, Metric.ACCELERATOR_THROTTLE_ACTIVE, ValueKind.ZERO, reason);
    }
    add(all, Metric.ACCELERATOR_MEMORY_SIZE_BYTES, ValueKind.STEADY);
    add(all, Metric.ACCELERATOR_MEMORY_USED_BYTES, ValueKind.STEADY);
    add(all, Metric.ACCELERATOR_MEMORY_FREE_BYTES, ValueKind.STEADY);
    add(all, Metric.ACCELERATOR_PROCESSES, ValueKind.STEADY);
    add(all, Metric.ACCELERATOR_PCIE_REPLAYS_TOTAL, ValueKind.STEADY);
    for (String limit : List.of("enforced", "requested", "default", "min", "max")) {
      add(all, Metric.ACCELERATOR_POWER_LIMIT_WATTS, ValueKind.STEADY, limit, "gpu");
    }
    for (Metric errors :
        List.of(
            Metric.ACCELERATOR_ECC_ERRORS_TOTAL, Metric.ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL)) {
      for (String location : List.of("dram", "sram")) {
        add(all, errors, ValueKind.STEADY, location, "corrected");
        add(all, errors, ValueKind.STEADY, location, "uncorrected");
      }
    }
    add(all, Metric.ACCELERATOR_MEMORY_REMAPPED_ROWS, ValueKind.STEADY, "correctable");
    add(all, Metric.ACCELERATOR_MEMORY_REMAPPED_ROWS, ValueKind.STEADY, "uncorrectable");
    add(all, Metric.ACCELERATOR_MEMORY_REMAP_PENDING, ValueKind.ZERO);
    add(all, Metric.ACCELERATOR_MEMORY_REMAP_FAILED, ValueKind.ZERO);
    for (String xid : XIDS) {
      add(all, Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, ValueKind.ZERO, "xid", xid, "warning");
    }
    add(all, Metric.ACCELERATOR_LINKS_UP, ValueKind.STEADY, "nvlink");
    add(all, Metric.ACCELERATOR_LINKS_EXPECTED, ValueKind.STEADY, "nvlink");
  }

  private static List<ModelSeries> ofNode() {
    List<ModelSeries> all = new ArrayList<>();
    verdicts(all, Metric.NODE_HEALTH_STATE);
    add(all, Metric.NODE_BOOT_TIMESTAMP_SECONDS, ValueKind.STEADY);
    add(all, Metric.NODE_CPUS, ValueKind.STEADY, "online");
    add(all, Metric.NODE_LOAD_AVERAGE, ValueKind.STEADY, "1m");
    add(all, Metric.NODE_MEMORY_AVAILABLE_BYTES, ValueKind.STEADY);
    return List.copyOf(all);
  }

  private static void verdicts(List<ModelSeries> all, Metric metric) {
    for (Verdict verdict : Verdict.values()) {
      add(all, metric, verdict == Verdict.OK ? ValueKind.ONE : ValueKind.ZERO, verdict.word());
    }
  }

  private static void add(List<ModelSeries> all, Metric metric, ValueKind kind, String... own) {
    all.add(new ModelSeries(metric, List.of(own), kind));
  }
}
