package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ACCOUNTING_MODE_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ADDRESSING_MODE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_AFFINITY_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_BAR1_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_BAR1_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_C2C_MODE_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CLOCK_HERTZ;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CLOCK_MAX_HERTZ;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CODEC_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_COMPUTE_MODE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_COMPUTING_MODE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_COMPUTING_READY;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_PEER_PROTECTION;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_MODE_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ENERGY_JOULES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ENGINE_ACTIVE_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENTS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_CONDITION;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_REGISTRATION_FAILED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_STATE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FIRMWARE_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_HEALTH_CHECK;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_HEALTH_STATE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INFOROM_VALID;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INTERCONNECT_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INTERCONNECT_TRANSMIT_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINKS_EXPECTED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINKS_UP;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_BANDWIDTH_REDUCED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_BIT_ERROR_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_ENCRYPTION_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_FEC_CORRECTIONS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_RECEIVE_PACKETS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_RECOVERIES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_TRANSMIT_PACKETS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_UP;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_ENCRYPTION_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_FREE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_REMAPPED_ROWS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_REMAP_BANKS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_REMAP_FAILED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_REMAP_PENDING;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_RESERVED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_RETIRED_PAGES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_RETIREMENT_PENDING;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_UNREPAIRABLE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_NATIVE_CALL_DEMOTED_PERIOD_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_NATIVE_CALL_SECONDS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_NATIVE_CALL_STUCK_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PARTITION_MODE_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_LINK_GENERATION;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_LINK_WIDTH_LANES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_REPLAYS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PEER_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PERFORMANCE_STATE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PERSISTENCE_MODE_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_INSTANT_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_LIMIT_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_PROFILE_ACTIVE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_SMOOTHING_BOUND_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_SMOOTHING_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_SMOOTHING_LIFETIME_REMAINING_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_SMOOTHING_PROFILE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WINDOW_SAMPLES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WINDOW_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESSES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_MEMORY_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_RECOVERY_ACTION;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_REPAIR_PENDING;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_SLOT_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_SM_OCCUPANCY_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_SRAM_ECC_THRESHOLD_EXCEEDED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_SRAM_ECC_UNIT_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_MARGIN_THRESHOLD_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_THRESHOLD_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_THROTTLE_ACTIVE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_THROTTLE_SECONDS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UP;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_WINDOW_RATIO;
import static io.millwright.protocol.vocabulary.Metric.AGENT_EVENTS_BYTES;
import static io.millwright.protocol.vocabulary.Metric.AGENT_EVENTS_OLDEST_UNACKNOWLEDGED_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.AGENT_EVENTS_STORED_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.AGENT_SPOOL_DROPPED_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_ACCELERATORS;
import static io.millwright.protocol.vocabulary.Metric.NODE_ACCELERATORS_EXPECTED;
import static io.millwright.protocol.vocabulary.Metric.NODE_HEALTH_STATE;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The ledger: for each quantity of the simulator, the series it must arrive in. Every quantity is
 * changed on one of the devices, and the series must follow and no other device's may.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LedgerTest {
  private static final int DEVICES = 8;

  /** On this one nothing is ever changed, so that it stands still. */
  private static final int UNTOUCHED = 7;

  private WatchedNode node;

  /**
   * A quantity of the simulator, the series it is shown as, and how to get from one to the other.
   */
  record Entry(String key, long given, Metric metric, List<String> labels, double expected) {
    @Override
    public String toString() {
      return key + "=" + given + " -> " + metric + labels;
    }
  }

  private static Entry entry(
      String key, long given, double scale, Metric metric, String... labels) {
    return new Entry(key, given, metric, List.of(labels), given * scale);
  }

  private static Stream<Entry> bit(int bit, String reason) {
    return Stream.of(
        entry(
            "clocks_event_reasons",
            1L << bit,
            1.0 / (1L << bit),
            ACCELERATOR_THROTTLE_ACTIVE,
            reason));
  }

  static Stream<Entry> ledger() {
    Stream<Entry> numbers =
        Stream.of(
            entry("power_mw", 512_345, 1e-3, ACCELERATOR_POWER_WATTS, "gpu"),
            entry("power_limit_mw", 650_000, 1e-3, ACCELERATOR_POWER_LIMIT_WATTS, "requested"),
            entry(
                "enforced_power_limit_mw",
                640_000,
                1e-3,
                ACCELERATOR_POWER_LIMIT_WATTS,
                "enforced"),
            entry("power_limit_min_mw", 210_000, 1e-3, ACCELERATOR_POWER_LIMIT_WATTS, "min"),
            entry("power_limit_max_mw", 990_000, 1e-3, ACCELERATOR_POWER_LIMIT_WATTS, "max"),
            entry(
                "power_limit_default_mw", 900_000, 1e-3, ACCELERATOR_POWER_LIMIT_WATTS, "default"),
            new Entry(
                "power_profiles_enforced",
                1L << 6,
                ACCELERATOR_POWER_PROFILE_ACTIVE,
                List.of("llm_inference"),
                1),
            new Entry(
                "power_profiles_requested", // max_q gives way to max_p
                0b10000011,
                ACCELERATOR_POWER_PROFILE_ACTIVE,
                List.of("llm_training"),
                1),
            entry("power_smoothing_enabled", 1, 1, ACCELERATOR_POWER_SMOOTHING_ENABLED),
            entry(
                "power_smoothing_lifetime_percent",
                87,
                1e-2,
                ACCELERATOR_POWER_SMOOTHING_LIFETIME_REMAINING_RATIO),
            entry("energy_mj", 9_123_456_789L, 1e-3, ACCELERATOR_ENERGY_JOULES_TOTAL, "gpu"),
            entry("temperature_c", 71, 1, ACCELERATOR_TEMPERATURE_CELSIUS, "core"),
            entry("memory_temperature_c", 83, 1, ACCELERATOR_TEMPERATURE_CELSIUS, "memory"),
            entry("margin_c", -3, 1, ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS),
            entry("utilization_gpu", 37, 1e-2, ACCELERATOR_UTILIZATION_RATIO),
            entry("gpm_dram_ppm", 210_000, 1e-6, ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO),
            engine("gpm_graphics_ppm", 911_000, "graphics"),
            engine("gpm_sm_ppm", 822_000, "sm"),
            engine("gpm_tensor_ppm", 733_000, "tensor"),
            engine("gpm_fp64_ppm", 11_000, "fp64"),
            engine("gpm_fp32_ppm", 122_000, "fp32"),
            engine("gpm_fp16_ppm", 233_000, "fp16"),
            engine("gpm_integer_ppm", 144_000, "int"),
            fabricState(0, "not_supported"),
            fabricState(1, "not_started"),
            fabricState(2, "in_progress"),
            fabricState(3, "completed"),
            fabricCondition(0x1a9, 1, "degraded_bandwidth"),
            fabricCondition(0x1aa, 0, "degraded_bandwidth"),
            fabricCondition(0x1a6, 1, "route_recovery"),
            fabricCondition(0x19a, 1, "route_unhealthy"),
            fabricCondition(0x16a, 1, "access_timeout_recovery"),
            fabricCondition(0x1aa, 0, "incorrect_configuration"),
            fabricCondition(0x5aa, 1, "incorrect_configuration"),
            entry("memory_total", 190_000_000_000L, 1, ACCELERATOR_MEMORY_SIZE_BYTES),
            entry("memory_used", 77_777_777_777L, 1, ACCELERATOR_MEMORY_USED_BYTES),
            entry("clock_graphics_mhz", 1_111, 1e6, ACCELERATOR_CLOCK_HERTZ, "graphics"),
            entry("clock_sm_mhz", 1_222, 1e6, ACCELERATOR_CLOCK_HERTZ, "sm"),
            entry("clock_memory_mhz", 3_333, 1e6, ACCELERATOR_CLOCK_HERTZ, "memory"),
            entry("clock_video_mhz", 1_444, 1e6, ACCELERATOR_CLOCK_HERTZ, "video"),
            entry("clock_max_graphics_mhz", 2_111, 1e6, ACCELERATOR_CLOCK_MAX_HERTZ, "graphics"),
            entry("clock_max_sm_mhz", 2_222, 1e6, ACCELERATOR_CLOCK_MAX_HERTZ, "sm"),
            entry("clock_max_memory_mhz", 4_333, 1e6, ACCELERATOR_CLOCK_MAX_HERTZ, "memory"),
            entry("clock_max_video_mhz", 2_444, 1e6, ACCELERATOR_CLOCK_MAX_HERTZ, "video"),
            throttled("reason_ns_sw_power_cap", "sw_power_cap"),
            throttled("reason_ns_sync_boost", "sync_boost"),
            throttled("reason_ns_sw_thermal", "sw_thermal"),
            throttled("reason_ns_hw_thermal", "hw_thermal"),
            throttled("reason_ns_hw_power_brake", "hw_power_brake"),
            entry("ecc_mode", 0, 1, ACCELERATOR_ECC_MODE_ENABLED),
            ecc("ecc_volatile_corrected_dram", 11, ACCELERATOR_ECC_ERRORS_TOTAL),
            ecc("ecc_volatile_corrected_sram", 12, ACCELERATOR_ECC_ERRORS_TOTAL),
            ecc("ecc_volatile_uncorrected_dram", 13, ACCELERATOR_ECC_ERRORS_TOTAL),
            ecc("ecc_volatile_uncorrected_sram", 14, ACCELERATOR_ECC_ERRORS_TOTAL),
            ecc("ecc_aggregate_corrected_dram", 21, ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL),
            ecc("ecc_aggregate_corrected_sram", 22, ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL),
            ecc("ecc_aggregate_uncorrected_dram", 23, ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL),
            ecc("ecc_aggregate_uncorrected_sram", 24, ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL),
            entry("remapped_correctable", 5, 1, ACCELERATOR_MEMORY_REMAPPED_ROWS, "correctable"),
            entry(
                "remapped_uncorrectable", 6, 1, ACCELERATOR_MEMORY_REMAPPED_ROWS, "uncorrectable"),
            entry("remap_pending", 1, 1, ACCELERATOR_MEMORY_REMAP_PENDING),
            entry("remap_failed", 1, 1, ACCELERATOR_MEMORY_REMAP_FAILED),
            entry("sram_threshold", 1, 1, ACCELERATOR_SRAM_ECC_THRESHOLD_EXCEEDED),
            entry("processes", 3, 1, ACCELERATOR_PROCESSES),
            entry("mig_mode", 1, 1, ACCELERATOR_PARTITION_MODE_ENABLED),
            action(0, "none"),
            action(1, "reset"),
            action(2, "reboot"),
            action(3, "drain_p2p"),
            action(4, "drain_and_reset"),
            action(5, "recover_imex_domain"),
            action(6, "bus_reset"),
            action(7, "system_reboot"),
            action(42, "unknown"));
    List<String> reasons =
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
    Stream<Entry> bits = reasons.stream().flatMap(reason -> bit(reasons.indexOf(reason), reason));
    return Stream.of(numbers, bits, further(), modes(), pcie(), links())
        .flatMap(entries -> entries);
  }

  /** What only sites see that ask for more than the base tier. */
  private static Stream<Entry> further() {
    Stream<Entry> numbers =
        Stream.of(
            entry("power_instant_mw", 634_567, 1e-3, ACCELERATOR_POWER_INSTANT_WATTS, "gpu"),
            entry("gpm_occupancy_ppm", 455_000, 1e-6, ACCELERATOR_SM_OCCUPANCY_RATIO),
            entry("memory_reserved", 333_333_333L, 1, ACCELERATOR_MEMORY_RESERVED_BYTES),
            entry("bar1_total", 123_456_789_000L, 1, ACCELERATOR_BAR1_MEMORY_SIZE_BYTES),
            entry("bar1_used", 12_345_678L, 1, ACCELERATOR_BAR1_MEMORY_USED_BYTES),
            entry("performance_state", 8, 1, ACCELERATOR_PERFORMANCE_STATE),
            entry("persistence_mode", 0, 1, ACCELERATOR_PERSISTENCE_MODE_ENABLED),
            new Entry("compute_mode", 2, ACCELERATOR_COMPUTE_MODE, List.of("prohibited"), 1),
            new Entry("compute_mode", 3, ACCELERATOR_COMPUTE_MODE, List.of("exclusive_process"), 1),
            new Entry(
                "clocks_event_reasons", 0x404, ACCELERATOR_THROTTLE_ACTIVE, List.of("unknown"), 1),
            new Entry("compute_mode", 9, ACCELERATOR_COMPUTE_MODE, List.of("default"), 0),
            entry("memory_unrepairable", 1, 1, ACCELERATOR_MEMORY_UNREPAIRABLE),
            entry("repair_channel_pending", 1, 1, ACCELERATOR_REPAIR_PENDING, "channel"),
            entry("repair_tpc_pending", 1, 1, ACCELERATOR_REPAIR_PENDING, "tpc"));
    Stream<Entry> engines =
        Stream.of("encoder", "decoder", "jpeg", "ofa")
            .map(engine ->
                entry(
                    "utilization_" + engine,
                    61,
                    1e-2,
                    ACCELERATOR_CODEC_UTILIZATION_RATIO,
                    engine));
    Stream<Entry> banks =
        Stream.of("max", "high", "partial", "low", "none")
            .map(spare -> entry("banks_" + spare, 17, 1, ACCELERATOR_MEMORY_REMAP_BANKS, spare));
    Stream<Entry> units =
        Stream.of("l2", "sm", "pcie", "mcu", "other")
            .map(unit ->
                entry("sram_errors_" + unit, 19, 1, ACCELERATOR_SRAM_ECC_UNIT_ERRORS_TOTAL, unit));
    Stream<Entry> margins =
        Stream.of("shutdown", "slowdown", "memory_max", "max_operating")
            .map(threshold ->
                entry(
                    "margin_" + threshold + "_c",
                    -11,
                    1,
                    ACCELERATOR_TEMPERATURE_MARGIN_THRESHOLD_CELSIUS,
                    threshold));
    return Stream.of(numbers, engines, banks, units, margins).flatMap(entries -> entries);
  }

  /** What is switched on or off, and what power smoothing does. */
  private static Stream<Entry> modes() {
    return Stream.of(
        entry("accounting_mode", 1, 1, ACCELERATOR_ACCOUNTING_MODE_ENABLED),
        entry("c2c_mode", 1, 1, ACCELERATOR_C2C_MODE_ENABLED),
        new Entry("addressing_mode", 0, ACCELERATOR_ADDRESSING_MODE, List.of("none"), 1),
        new Entry("addressing_mode", 2, ACCELERATOR_ADDRESSING_MODE, List.of("ats"), 1),
        new Entry("addressing_mode", 3, ACCELERATOR_ADDRESSING_MODE, List.of("hmm"), 0),
        entry("link_encryption", 1, 1, ACCELERATOR_LINK_ENCRYPTION_ENABLED),
        entry("link_reduced", 1, 1, ACCELERATOR_LINK_BANDWIDTH_REDUCED),
        entry("dram_encryption", 1, 1, ACCELERATOR_MEMORY_ENCRYPTION_ENABLED, "current"),
        entry("dram_encryption_pending", 1, 1, ACCELERATOR_MEMORY_ENCRYPTION_ENABLED, "pending"),
        entry(
            "cc_protected_bytes",
            100L << 30,
            1,
            ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES,
            "protected"),
        entry(
            "cc_unprotected_bytes",
            3L << 30,
            1,
            ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES,
            "unprotected"),
        entry("cc_protected_used_bytes", 77L << 30, 1, ACCELERATOR_CONFIDENTIAL_MEMORY_USED_BYTES),
        entry("power_smoothing_profile", 3, 1, ACCELERATOR_POWER_SMOOTHING_PROFILE),
        smoothed("ceiling_w", 951, "ceiling"),
        smoothed("floor_w", 252, "floor"),
        smoothed("primary_floor_w", 353, "primary_floor"),
        smoothed("secondary_floor_w", 154, "secondary_floor"));
  }

  private static Entry smoothed(String key, long watts, String bound) {
    return entry(
        "power_smoothing_" + key, watts, 1, ACCELERATOR_POWER_SMOOTHING_BOUND_WATTS, bound);
  }

  private static Stream<Entry> pcie() {
    Stream<Entry> link =
        Stream.of(
            entry("pcie_generation", 3, 1, ACCELERATOR_PCIE_LINK_GENERATION, "current"),
            entry("pcie_generation_max", 6, 1, ACCELERATOR_PCIE_LINK_GENERATION, "max"),
            entry("pcie_width", 8, 1, ACCELERATOR_PCIE_LINK_WIDTH_LANES, "current"),
            entry("pcie_width_max", 4, 1, ACCELERATOR_PCIE_LINK_WIDTH_LANES, "max"),
            entry("pcie_replays", 31, 1, ACCELERATOR_PCIE_REPLAYS_TOTAL));
    Stream<Entry> errors =
        Stream.of(
                "correctable",
                "non_fatal",
                "fatal",
                "bad_tlp",
                "bad_dllp",
                "lcrc",
                "receiver",
                "naks_received",
                "naks_sent",
                "unsupported_request",
                "l0_to_recovery")
            .map(kind -> entry("pcie_" + kind, 41, 1, ACCELERATOR_PCIE_ERRORS_TOTAL, kind));
    return Stream.concat(link, errors);
  }

  private static Stream<Entry> links() {
    Stream<Entry> numbers =
        Stream.of(
            entry("link5.state", 0, 1, ACCELERATOR_LINK_UP, "5", "nvlink", "switch"),
            new Entry("link5.state", 0, ACCELERATOR_LINKS_UP, List.of("nvlink"), 17),
            link("speed_mbps", 26_562, 1e6, ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND),
            link("receive_bytes", 123_456_789, 1, ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL),
            link("transmit_bytes", 123_456_788, 1, ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL),
            link("receive_packets", 123_456_787, 1, ACCELERATOR_LINK_RECEIVE_PACKETS_TOTAL),
            link("transmit_packets", 123_456_786, 1, ACCELERATOR_LINK_TRANSMIT_PACKETS_TOTAL),
            link("recovery_success", 51, 1, ACCELERATOR_LINK_RECOVERIES_TOTAL, "success"),
            link("recovery_failure", 52, 1, ACCELERATOR_LINK_RECOVERIES_TOTAL, "failure"),
            bitErrors("effective", 0x306, 3e-6),
            bitErrors("symbol", 0xF09, 15e-9),
            bitErrors("raw", 0x104, 1e-4));
    Stream<Entry> errors =
        Stream.of(
                "malformed",
                "buffer_overrun",
                "receive",
                "receive_remote",
                "receive_general",
                "local_integrity",
                "transmit_discard",
                "effective",
                "symbol")
            .flatMap(kind ->
                Stream.of(
                    link(kind, 61, 1, ACCELERATOR_LINK_ERRORS_TOTAL, kind),
                    entry(
                        "link6." + kind,
                        62,
                        1,
                        ACCELERATOR_INTERCONNECT_ERRORS_TOTAL,
                        "nvlink",
                        kind)));
    Stream<Entry> bins = // of a link whose number is no bin's
        IntStream.range(0, 16)
            .mapToObj(bin ->
                entry(
                    "link17.fec_" + bin,
                    71,
                    1,
                    ACCELERATOR_LINK_FEC_CORRECTIONS_TOTAL,
                    "17",
                    "nvlink",
                    Integer.toString(bin)));
    return Stream.of(numbers, errors, bins).flatMap(entries -> entries);
  }

  private static Entry link(
      String quantity, long given, double scale, Metric metric, String... own) {
    String[] labels =
        Stream.concat(Stream.of("5", "nvlink"), Stream.of(own)).toArray(String[]::new);
    return entry("link5." + quantity, given, scale, metric, labels);
  }

  private static Entry bitErrors(String kind, long packed, double ratio) {
    return new Entry(
        "link5." + kind + "_ber",
        packed,
        ACCELERATOR_LINK_BIT_ERROR_RATIO,
        List.of("5", "nvlink", kind),
        ratio);
  }

  private static Entry engine(String key, long given, String engine) {
    return entry(key, given, 1e-6, ACCELERATOR_ENGINE_ACTIVE_RATIO, engine);
  }

  private static Entry fabricState(long given, String word) {
    return new Entry("fabric_state", given, ACCELERATOR_FABRIC_STATE, List.of(word), 1);
  }

  private static Entry fabricCondition(long mask, double shown, String condition) {
    return new Entry(
        "fabric_health_mask", mask, ACCELERATOR_FABRIC_CONDITION, List.of(condition), shown);
  }

  private static Entry throttled(String key, String reason) {
    return entry(key, 7_250_000_000L, 1e-9, ACCELERATOR_THROTTLE_SECONDS_TOTAL, reason);
  }

  private static Entry ecc(String key, long given, Metric metric) {
    String[] words = key.split("_", -1);
    return entry(key, given, 1, metric, words[3], words[2]);
  }

  private static Entry action(long given, String word) {
    return new Entry("recovery_action", given, ACCELERATOR_RECOVERY_ACTION, List.of(word), 1);
  }

  @BeforeAll
  void startNode() throws IOException {
    node =
        WatchedNode.start(
                WatchedNode.Surroundings.of(Metric.Tier.OPTIONAL),
                WatchedNode.simulated(
                    "driver_version 595.45.04", "load 0.4", "confidential feature 1"))
            .awaitUp(DEVICES);
    node.simulated().command("freeze");
    node.awaitReadAnew(UNTOUCHED, ACCELERATOR_ECC_MODE_ENABLED);
  }

  @AfterAll
  void stopNode() {
    node.close();
  }

  @ParameterizedTest
  @MethodSource("ledger")
  void whatTheSimulatorSaysIsShownOnItsDeviceAndOnNoOther(Entry entry) throws IOException {
    int device = Math.floorMod(entry.toString().hashCode(), UNTOUCHED);
    String[] labels = entry.labels().toArray(String[]::new);
    double otherBefore = shownOfTheUntouched(entry.metric(), labels);

    boolean sum = entry.metric() == ACCELERATOR_INTERCONNECT_ERRORS_TOTAL;
    double before = sum ? node.value(device, entry.metric(), labels).orElse(0) : 0;

    node.simulated().set(device, entry.key(), entry.given());

    double near = Math.abs(entry.expected()) * 1e-9 + 1e-12;
    soon()
        .untilAsserted(() ->
            assertThat(node.value(device, entry.metric(), labels).orElse(Double.NaN))
                .isCloseTo(before + entry.expected(), within(near)));
    assertThat(shownOfTheUntouched(entry.metric(), labels)).isEqualTo(otherBefore);
    node.simulated().command("unset " + device + " " + entry.key());
    if (sum) { // it goes on from here, once it was seen that the link counts anew
      node.awaitReadAnew(device, ACCELERATOR_ECC_MODE_ENABLED);
    }
  }

  /**
   * NaN where it has none; a reading that a busy machine brought late is dropped, and read again.
   */
  private double shownOfTheUntouched(Metric metric, String... labels) {
    if (node.value(UNTOUCHED, metric, labels).isEmpty()) {
      node.settle();
    }
    return node.value(UNTOUCHED, metric, labels).orElse(Double.NaN);
  }

  @Test
  void freeMemoryIsWhatIsNeitherUsedNorReserved() throws IOException {
    node.simulated().set(2, "memory_total", 100_000_000_000L);
    node.simulated().set(2, "memory_used", 40_000_000_000L);
    node.simulated().set(2, "memory_reserved", 1_000_000_000L);
    soon()
        .untilAsserted(() ->
            assertThat(node.value(2, ACCELERATOR_MEMORY_FREE_BYTES)).hasValue(59_000_000_000d));
    node.simulated().command("unset 2 all");
  }

  /** The families of this slice; a family that is read and not here fails, and the reverse. */
  @Test
  void everyFamilyThatIsReadIsInTheLedger() {
    Set<Metric> shown =
        node.snapshot().samples().stream()
            .flatMap(sample ->
                IntStream.range(0, sample.table().size())
                    .mapToObj(i -> sample.table().series(i).metric()))
            .collect(Collectors.toSet());
    Set<Metric> inLedger = ledger().map(Entry::metric).collect(Collectors.toSet());
    Set<Metric> provenElsewhere =
        Set.of(
            ACCELERATOR_INFO,
            ACCELERATOR_UP,
            ACCELERATOR_SLOT_INFO, // ParticularsTest
            ACCELERATOR_FIRMWARE_INFO,
            ACCELERATOR_AFFINITY_INFO,
            ACCELERATOR_PROCESS_MEMORY_BYTES, // ProcessesTest
            ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES, // AccountingTest
            ACCELERATOR_PROCESS_UTILIZATION_RATIO,
            ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS,
            ACCELERATOR_CONFIDENTIAL_COMPUTING_MODE, // ConfidentialTest
            ACCELERATOR_CONFIDENTIAL_COMPUTING_READY,
            ACCELERATOR_CONFIDENTIAL_PEER_PROTECTION,
            ACCELERATOR_PEER_INFO, // PeersTest
            ACCELERATOR_MEMORY_FREE_BYTES,
            ACCELERATOR_TEMPERATURE_THRESHOLD_CELSIUS,
            ACCELERATOR_ERROR_EVENTS_TOTAL,
            ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS,
            ACCELERATOR_NATIVE_CALL_STUCK_SECONDS,
            ACCELERATOR_UTILIZATION_WINDOW_RATIO, // UtilizationWindowTest
            ACCELERATOR_POWER_WINDOW_WATTS, // PowerWindowsTest
            ACCELERATOR_POWER_WINDOW_SAMPLES,
            ACCELERATOR_POWER_UTILIZATION_RATIO,
            ACCELERATOR_NATIVE_CALL_SECONDS_TOTAL, // NativeCallCostTest
            ACCELERATOR_NATIVE_CALL_DEMOTED_PERIOD_SECONDS, // DemotionTest
            NODE_ACCELERATORS,
            NODE_ACCELERATORS_EXPECTED,
            ACCELERATOR_LINKS_EXPECTED, // LinksTest
            ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL,
            ACCELERATOR_INTERCONNECT_TRANSMIT_BYTES_TOTAL,
            ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL,
            ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL,
            ACCELERATOR_HEALTH_STATE, // HealthRulesTest
            ACCELERATOR_INFOROM_VALID,
            ACCELERATOR_FABRIC_REGISTRATION_FAILED,
            ACCELERATOR_MEMORY_RETIRED_PAGES,
            ACCELERATOR_MEMORY_RETIREMENT_PENDING,
            ACCELERATOR_HEALTH_CHECK,
            NODE_HEALTH_STATE,
            AGENT_EVENTS_BYTES, // EventStoreTest
            AGENT_EVENTS_OLDEST_UNACKNOWLEDGED_SECONDS,
            AGENT_EVENTS_STORED_TOTAL,
            AGENT_SPOOL_DROPPED_TOTAL);
    assertThat(shown)
        .containsAll(inLedger)
        .isSubsetOf(
            Stream.concat(inLedger.stream(), provenElsewhere.stream()).collect(Collectors.toSet()));
  }
}
