package io.millwright.simulator.judgement;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * What a node of a product shows while it is well: each line is a series and its value, with what a
 * counter grows by each second. The values are plausible, not measured.
 */
enum Profile {
  H100("nvidia", "NVIDIA H100 80GB HBM3"),
  B200("nvidia", "NVIDIA B200"),
  GB200("nvidia", "NVIDIA GB200"),
  GB300("nvidia", "NVIDIA GB300"),
  L40S("nvidia", "NVIDIA L40S"),
  TRN2("aws", "Trainium2"),
  TRN3("aws", "Trainium3");

  private static final String ACTIONS =
      "drain_p2p,drain_and_reset,recover_imex_domain,bus_reset,system_reboot,unknown,reset,reboot";
  private static final String REASONS =
      "sw_power_cap,hw_slowdown,hw_thermal,sw_thermal,hw_power_brake,sync_boost,app_clocks,idle";
  private static final String COMPONENTS =
      "hbm,sram,firmware_service_api,firmware_service_processor,link_intraserver,link_host,"
          + "link_efa,link_interserver,link_switch,axi_fabric,other";

  private final String vendor;
  private final String model;

  Profile(String vendor, String model) {
    this.vendor = vendor;
    this.model = model;
  }

  /** {@code value} at the start, and {@code perSecond} more each second. */
  record Reading(SeriesName series, double value, double perSecond) {}

  String vendor() {
    return vendor;
  }

  String model() {
    return model;
  }

  boolean isNeuron() {
    return vendor.equals("aws");
  }

  String uuid(String node, int device) {
    return isNeuron() ? "neuron-" + serial(node, device) : "GPU-%s-%d".formatted(node, device);
  }

  String serial(String node, int device) {
    return isNeuron() ? "19fcda00f5ff%04x".formatted(device) : "SN-%s-%d".formatted(node, device);
  }

  /** As the kernel log has it. */
  String pci(int device) {
    return this == GB200 || this == GB300
        ? "%04x:01:00".formatted(8 + device)
        : "0000:%02x:00".formatted(0x1b + 4 * device);
  }

  List<Reading> ofDevice() {
    return isNeuron() ? neuron() : gpu();
  }

  private List<Reading> gpu() {
    Readings readings = new Readings(SeriesName::ofDevice);
    readings.add("up", 1);
    readings.add("temperature_celsius{core}", 55);
    readings.add("temperature_celsius{memory}", 62);
    readings.add("temperature_margin_celsius", 30);
    readings.add("memory_used_bytes", 60e9);
    readings.add("utilization_ratio", 0.95);
    readings.add("power_watts{gpu}", 600);
    readings.add("power_limit_watts{enforced,gpu}", 700);
    readings.grow("energy_joules_total{gpu}", 5e6, 600);
    readings.add("clock_hertz{sm}", 1.755e9);
    readings.add("clock_max_hertz{sm}", 1.98e9);
    readings.one("recovery_action", "none", ACTIONS);
    readings.each("throttle_active", REASONS);
    for (String location : List.of("dram", "sram")) {
      readings.add("ecc_errors_total{%s,corrected}".formatted(location), 0);
      readings.add("ecc_errors_total{%s,uncorrected}".formatted(location), 0);
    }
    readings.add("sram_ecc_threshold_exceeded", 0);
    readings.add("memory_remapped_rows{correctable}", 0);
    readings.add("memory_remapped_rows{uncorrectable}", 0);
    readings.add("memory_remap_pending", 0);
    readings.add("memory_remap_failed", 0);
    readings.add("pcie_link_width_lanes{current}", 16);
    readings.add("pcie_link_width_lanes{max}", 16);
    readings.add("pcie_link_generation{current}", 5);
    readings.add("pcie_link_generation{max}", 5);
    readings.grow("pcie_replays_total", 12, 0);
    if (this != L40S) {
      readings.add("links_up{nvlink}", 18);
      readings.add("links_expected{nvlink}", 18);
      readings.add("interconnect_errors_total{nvlink,recovery}", 0);
      readings.one("fabric_state", "completed", "not_supported,not_started,in_progress");
      readings.each(
          "fabric_condition",
          "degraded_bandwidth,route_recovery,route_unhealthy,access_timeout_recovery,"
              + "incorrect_configuration");
    }
    return readings.all;
  }

  private static List<Reading> neuron() {
    Readings readings = new Readings(SeriesName::ofDevice);
    readings.add("up", 1);
    readings.add("memory_used_bytes", 60e9);
    readings.add("power_utilization_ratio{avg}", 0.6);
    for (String severity : List.of("corrected", "uncorrected", "uncorrected_repairable")) {
      readings.add("ecc_errors_total{dram,%s}".formatted(severity), 0);
      readings.add("ecc_errors_total{sram,%s}".formatted(severity), 0);
    }
    readings.each("component_unhealthy", COMPONENTS);
    readings.grow("health_check_heartbeats_total", 1000, 1);
    readings.add("resets_total", 0);
    return readings.all;
  }

  List<Reading> ofNode() {
    Readings readings = new Readings(SeriesName::ofNode);
    readings.add("memory_size_bytes", 2e12);
    readings.add("memory_available_bytes", 1.5e12);
    for (String mount : List.of("/,/dev/md0,ext4", "/data,/dev/nvme1n1,xfs")) {
      readings.add("filesystem_size_bytes{%s}".formatted(mount), 1e12);
      readings.add("filesystem_available_bytes{%s}".formatted(mount), 6e11);
      readings.add("filesystem_readonly{%s}".formatted(mount), 0);
    }
    readings.add("filesystem_responsive{/nas,nfs4}", 1);
    for (int port = 0; port < 4; port++) {
      readings.add("rdma_port_up{mlx5_%d,1}".formatted(port), 1);
    }
    readings.add("clock_synchronized", 1);
    readings.add("clock_offset_seconds", 0.0001);
    readings.add("nvme_critical_warning{nvme1n1}", 0);
    readings.add("memory_ecc_errors_total{mc0,corrected}", 0);
    readings.add("memory_ecc_errors_total{mc0,uncorrected}", 0);
    readings.add("power_supply_up{psu0}", 1);
    readings.add("power_supply_up{psu1}", 1);
    return readings.all;
  }

  static Profile of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** Lists readings. */
  private static final class Readings {
    private final List<Reading> all = new ArrayList<>();
    private final Function<String, SeriesName> named;

    Readings(Function<String, SeriesName> named) {
      this.named = named;
    }

    void add(String series, double value) {
      grow(series, value, 0);
    }

    void grow(String series, double value, double perSecond) {
      all.add(new Reading(named.apply(series), value, perSecond));
    }

    void one(String family, String state, String others) {
      add(family + "{" + state + "}", 1);
      each(family, others);
    }

    void each(String family, String words) {
      for (String word : words.split(",")) {
        add(family + "{" + word + "}", 0);
      }
    }
  }
}
