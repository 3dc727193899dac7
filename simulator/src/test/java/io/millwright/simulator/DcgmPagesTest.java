package io.millwright.simulator;

import static io.millwright.simulator.WatchedNode.soon;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millwright.agent.dialect.DcgmFields;
import io.millwright.agent.dialect.DialectWriter;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.PageWriter;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.health.XidTable;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The pages in dcgm-exporter's names against /metrics of the very same snapshot, value by value, of
 * the simulated library. The conversions are written down here once more, apart from the table that
 * the pages are made of.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all tests
class DcgmPagesTest {
  private static final int DEVICES = 8;

  /** From our unit to theirs. */
  enum Conversion {
    SAME,
    MEGAHERTZ,
    MEBIBYTES,
    PERCENT,
    NANOSECONDS,
    MILLIJOULES;

    double of(double ours) {
      return switch (this) {
        case SAME -> ours;
        case MEGAHERTZ -> ours / 1e6;
        case MEBIBYTES -> Math.floor(ours / (1 << 20));
        case PERCENT -> Math.rint(ours * 100);
        case NANOSECONDS -> Math.rint(ours * 1e9);
        case MILLIJOULES -> Math.rint(ours * 1000);
      };
    }
  }

  /**
   * A field that is one series of ours.
   *
   * @param classic its name to 4.8
   * @param newer its name in 4.9
   * @param ours the family behind {@code millwright_accelerator_}, with its labels behind blanks
   * @param toClassic from our unit to that of 4.8
   * @param toNewer from our unit to that of 4.9
   */
  record Field(
      String classic, String newer, String ours, Conversion toClassic, Conversion toNewer) {
    double onOurPage(LivePage page, int device) {
      String[] words = ours.split(" ", -1);
      return page.device(device, words[0], Arrays.copyOfRange(words, 1, words.length));
    }
  }

  private static Field field(String classic, String newer, String ours) {
    return new Field(
        "DCGM_FI_" + classic, "DCGM_FI_" + newer, ours, Conversion.SAME, Conversion.SAME);
  }

  private static Field field(String classic, String newer, String ours, Conversion toClassic) {
    return new Field("DCGM_FI_" + classic, "DCGM_FI_" + newer, ours, toClassic, Conversion.SAME);
  }

  private static final List<Field> FIELDS =
      List.of(
          field(
              "DEV_SM_CLOCK",
              "DEV_SM_CLOCK_HERTZ",
              "clock_hertz domain=\"sm\"",
              Conversion.MEGAHERTZ),
          field(
              "DEV_MEM_CLOCK",
              "DEV_MEMORY_CLOCK_HERTZ",
              "clock_hertz domain=\"memory\"",
              Conversion.MEGAHERTZ),
          field(
              "DEV_VIDEO_CLOCK",
              "DEV_VIDEO_CLOCK_HERTZ",
              "clock_hertz domain=\"video\"",
              Conversion.MEGAHERTZ),
          field(
              "DEV_MAX_SM_CLOCK",
              "DEV_SM_MAX_CLOCK_HERTZ",
              "clock_max_hertz domain=\"sm\"",
              Conversion.MEGAHERTZ),
          field(
              "DEV_MAX_MEM_CLOCK",
              "DEV_MEMORY_MAX_CLOCK_HERTZ",
              "clock_max_hertz domain=\"memory\"",
              Conversion.MEGAHERTZ),
          field("DEV_GPU_TEMP", "DEV_GPU_TEMP_CELSIUS", "temperature_celsius sensor=\"core\""),
          field(
              "DEV_MEMORY_TEMP",
              "DEV_MEMORY_TEMP_CELSIUS",
              "temperature_celsius sensor=\"memory\""),
          field("DEV_GPU_TEMP_LIMIT", "DEV_GPU_TEMP_MARGIN_CELSIUS", "temperature_margin_celsius"),
          field(
              "DEV_SLOWDOWN_TEMP",
              "DEV_GPU_TEMP_SLOWDOWN_CELSIUS",
              "temperature_threshold_celsius threshold=\"slowdown\""),
          field(
              "DEV_SHUTDOWN_TEMP",
              "DEV_GPU_TEMP_SHUTDOWN_CELSIUS",
              "temperature_threshold_celsius threshold=\"shutdown\""),
          field(
              "DEV_GPU_MAX_OP_TEMP",
              "DEV_GPU_MAX_OP_TEMP_CELSIUS",
              "temperature_threshold_celsius threshold=\"max_operating\""),
          field(
              "DEV_MEM_MAX_OP_TEMP",
              "DEV_MEMORY_MAX_OP_TEMP_CELSIUS",
              "temperature_threshold_celsius threshold=\"memory_max\""),
          field("DEV_POWER_USAGE", "DEV_BOARD_POWER_WATTS", "power_watts scope=\"gpu\""),
          field(
              "DEV_POWER_USAGE_INSTANT",
              "DEV_BOARD_POWER_RAW_WATTS",
              "power_instant_watts scope=\"gpu\""),
          field(
              "DEV_POWER_MGMT_LIMIT",
              "DEV_BOARD_POWER_LIMIT_REQUESTED_WATTS",
              "power_limit_watts limit=\"requested\" scope=\"gpu\""),
          field(
              "DEV_POWER_MGMT_LIMIT_MIN",
              "DEV_BOARD_POWER_LIMIT_MIN_WATTS",
              "power_limit_watts limit=\"min\" scope=\"gpu\""),
          field(
              "DEV_POWER_MGMT_LIMIT_MAX",
              "DEV_BOARD_POWER_LIMIT_MAX_WATTS",
              "power_limit_watts limit=\"max\" scope=\"gpu\""),
          field(
              "DEV_POWER_MGMT_LIMIT_DEF",
              "DEV_BOARD_POWER_LIMIT_DEFAULT_WATTS",
              "power_limit_watts limit=\"default\" scope=\"gpu\""),
          field(
              "DEV_ENFORCED_POWER_LIMIT",
              "DEV_BOARD_POWER_LIMIT_ENFORCED_WATTS",
              "power_limit_watts limit=\"enforced\" scope=\"gpu\""),
          field(
              "DEV_TOTAL_ENERGY_CONSUMPTION",
              "DEV_GPU_ENERGY_JOULES_TOTAL",
              "energy_joules_total scope=\"gpu\"",
              Conversion.MILLIJOULES),
          field("DEV_GPU_UTIL", "DEV_GPU_UTIL_RATIO", "utilization_ratio", Conversion.PERCENT),
          field(
              "DEV_ENC_UTIL",
              "DEV_ENC_UTIL_RATIO",
              "codec_utilization_ratio engine=\"encoder\"",
              Conversion.PERCENT),
          field(
              "DEV_DEC_UTIL",
              "DEV_DEC_UTIL_RATIO",
              "codec_utilization_ratio engine=\"decoder\"",
              Conversion.PERCENT),
          field(
              "DEV_FAN_SPEED",
              "DEV_FAN_SPEED_RATIO",
              "fan_speed_ratio fan=\"0\"",
              Conversion.PERCENT),
          field("DEV_FB_FREE", "DEV_FB_FREE_BYTES", "memory_free_bytes", Conversion.MEBIBYTES),
          field("DEV_FB_USED", "DEV_FB_USED_BYTES", "memory_used_bytes", Conversion.MEBIBYTES),
          field(
              "DEV_FB_RESERVED",
              "DEV_FB_RESERVED_BYTES",
              "memory_reserved_bytes",
              Conversion.MEBIBYTES),
          field("DEV_FB_TOTAL", "DEV_FB_CAPACITY_BYTES", "memory_size_bytes", Conversion.MEBIBYTES),
          new Field(
              "DCGM_FI_DEV_POWER_VIOLATION",
              "DCGM_FI_DEV_POWER_VIOLATION",
              "throttle_seconds_total reason=\"sw_power_cap\"",
              Conversion.NANOSECONDS,
              Conversion.NANOSECONDS),
          new Field(
              "DCGM_FI_DEV_SYNC_BOOST_VIOLATION",
              "DCGM_FI_DEV_SYNC_BOOST_VIOLATION",
              "throttle_seconds_total reason=\"sync_boost\"",
              Conversion.NANOSECONDS,
              Conversion.NANOSECONDS),
          field(
              "DEV_UNCORRECTABLE_REMAPPED_ROWS",
              "DEV_ROW_REMAP_UNCORRECTABLE_TOTAL",
              "memory_remapped_rows cause=\"uncorrectable\""),
          field(
              "DEV_CORRECTABLE_REMAPPED_ROWS",
              "DEV_ROW_REMAP_CORRECTABLE_TOTAL",
              "memory_remapped_rows cause=\"correctable\""),
          field("DEV_ROW_REMAP_FAILURE", "DEV_ROW_REMAP_FAILED", "memory_remap_failed"),
          field("DEV_ROW_REMAP_PENDING", "DEV_ROW_REMAP_PENDING", "memory_remap_pending"),
          field(
              "DEV_BANKS_REMAP_ROWS_AVAIL_MAX",
              "DEV_BANK_REMAP_AVAIL_MAX",
              "memory_remap_banks availability=\"max\""),
          field(
              "DEV_BANKS_REMAP_ROWS_AVAIL_HIGH",
              "DEV_BANK_REMAP_AVAIL_HIGH",
              "memory_remap_banks availability=\"high\""),
          field(
              "DEV_BANKS_REMAP_ROWS_AVAIL_PARTIAL",
              "DEV_BANK_REMAP_AVAIL_PARTIAL",
              "memory_remap_banks availability=\"partial\""),
          field(
              "DEV_BANKS_REMAP_ROWS_AVAIL_LOW",
              "DEV_BANK_REMAP_AVAIL_LOW",
              "memory_remap_banks availability=\"low\""),
          field(
              "DEV_BANKS_REMAP_ROWS_AVAIL_NONE",
              "DEV_BANK_REMAP_AVAIL_NONE",
              "memory_remap_banks availability=\"none\""),
          field("DEV_THRESHOLD_SRM", "DEV_SRAM_EXCEEDED", "sram_ecc_threshold_exceeded"),
          field("DEV_MEMORY_UNREPAIRABLE_FLAG", "DEV_MEMORY_UNREPAIRABLE", "memory_unrepairable"),
          field("DEV_ECC_CURRENT", "DEV_ECC_MODE", "ecc_mode_enabled"),
          field("DEV_PSTATE", "DEV_GPU_PSTATE", "performance_state"),
          field("DEV_PERSISTENCE_MODE", "DEV_GPU_PERSISTENCE_MODE", "persistence_mode_enabled"),
          field("DEV_MIG_MODE", "DEV_MIG_MODE", "partition_mode_enabled"),
          field("DEV_PCIE_REPLAY_COUNTER", "DEV_PCIE_REPLAY_TOTAL", "pcie_replays_total"),
          field(
              "DEV_PCIE_COUNT_CORRECTABLE_ERRORS",
              "DEV_PCIE_CORRECTABLE_ERROR_TOTAL",
              "pcie_errors_total kind=\"correctable\""),
          field("DEV_PCIE_LINK_GEN", "DEV_PCIE_LINK_GEN", "pcie_link_generation state=\"current\""),
          field(
              "DEV_PCIE_MAX_LINK_GEN",
              "DEV_PCIE_MAX_LINK_GEN",
              "pcie_link_generation state=\"max\""),
          field(
              "DEV_PCIE_LINK_WIDTH",
              "DEV_PCIE_LINK_WIDTH",
              "pcie_link_width_lanes state=\"current\""),
          field(
              "DEV_PCIE_MAX_LINK_WIDTH",
              "DEV_PCIE_MAX_LINK_WIDTH",
              "pcie_link_width_lanes state=\"max\""),
          field(
              "DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL",
              "DEV_NVLINK_REPLAY_ERROR_TOTAL",
              "interconnect_errors_total link_type=\"nvlink\" kind=\"replay\""),
          field(
              "DEV_NVLINK_COUNT_RX_ERRORS",
              "DEV_NVLINK_RX_ERROR_TOTAL",
              "interconnect_errors_total link_type=\"nvlink\" kind=\"receive\""),
          field(
              "DEV_NVLINK_COUNT_LOCAL_LINK_INTEGRITY_ERRORS",
              "DEV_NVLINK_INTEGRITY_ERROR_TOTAL",
              "interconnect_errors_total link_type=\"nvlink\" kind=\"local_integrity\""),
          field(
              "DEV_NVLINK_COUNT_RX_SYMBOL_ERRORS",
              "DEV_NVLINK_RX_SYMBOL_ERROR_TOTAL",
              "interconnect_errors_total link_type=\"nvlink\" kind=\"symbol\""),
          field(
              "DEV_NVLINK_COUNT_EFFECTIVE_ERRORS",
              "DEV_NVLINK_EFFECTIVE_ERROR_TOTAL",
              "interconnect_errors_total link_type=\"nvlink\" kind=\"effective\""),
          field(
              "DEV_NVLINK_COUNT_TX_BYTES",
              "DEV_NVLINK_TX_BYTES_TOTAL",
              "interconnect_transmit_bytes_total link_type=\"nvlink\""),
          field(
              "DEV_NVLINK_COUNT_RX_BYTES",
              "DEV_NVLINK_RX_BYTES_TOTAL",
              "interconnect_receive_bytes_total link_type=\"nvlink\""),
          field(
              "PROF_GR_ENGINE_ACTIVE",
              "PROF_GR_ENGINE_UTIL_RATIO",
              "engine_active_ratio engine=\"graphics\""),
          field("PROF_SM_ACTIVE", "PROF_SM_UTIL_RATIO", "engine_active_ratio engine=\"sm\""),
          field("PROF_SM_OCCUPANCY", "PROF_SM_OCCUPANCY_RATIO", "sm_occupancy_ratio"),
          field(
              "PROF_PIPE_TENSOR_ACTIVE",
              "PROF_TENSOR_UTIL_RATIO",
              "engine_active_ratio engine=\"tensor\""),
          field(
              "PROF_PIPE_FP64_ACTIVE",
              "PROF_FP64_UTIL_RATIO",
              "engine_active_ratio engine=\"fp64\""),
          field(
              "PROF_PIPE_FP32_ACTIVE",
              "PROF_FP32_UTIL_RATIO",
              "engine_active_ratio engine=\"fp32\""),
          field(
              "PROF_PIPE_FP16_ACTIVE",
              "PROF_FP16_UTIL_RATIO",
              "engine_active_ratio engine=\"fp16\""),
          field(
              "PROF_PIPE_INT_ACTIVE", "PROF_INT_UTIL_RATIO", "engine_active_ratio engine=\"int\""),
          field(
              "DEV_PWR_SMOOTHING_ENABLED", "DEV_PWR_SMOOTHING_ENABLED", "power_smoothing_enabled"),
          new Field(
              "DCGM_FI_DEV_PWR_SMOOTHING_HW_CIRCUITRY_PERCENT_LIFETIME_REMAINING",
              "DCGM_FI_DEV_PWR_SMOOTHING_HW_CIRCUITRY_PERCENT_LIFETIME_REMAINING",
              "power_smoothing_lifetime_remaining_ratio",
              Conversion.PERCENT,
              Conversion.PERCENT));

  /** Made of several series, or of one at certain times; each has a test of its own below. */
  private static final Set<String> OF_SEVERAL =
      Set.of(
          "DCGM_FI_DEV_MEM_COPY_UTIL",
          "DCGM_FI_PROF_DRAM_ACTIVE",
          "DCGM_FI_DEV_XID_ERRORS",
          "DCGM_FI_DEV_FB_USED_PERCENT",
          "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL",
          "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL",
          "DCGM_FI_DEV_ECC_SBE_AGG_TOTAL",
          "DCGM_FI_DEV_ECC_DBE_AGG_TOTAL",
          "DCGM_FI_DEV_CLOCKS_EVENT_REASONS",
          "DCGM_FI_DEV_GET_GPU_RECOVERY_ACTION");

  /** Not read on the simulated device, or not in every state of it; DialectWriterTest has them. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "DCGM_FI_DEV_COMPUTE_MODE",
          "DCGM_FI_PROF_PCIE_TX_BYTES",
          "DCGM_FI_PROF_PCIE_RX_BYTES",
          "DCGM_FI_PROF_NVLINK_TX_BYTES",
          "DCGM_FI_PROF_NVLINK_RX_BYTES",
          "DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL",
          "DCGM_FI_DEV_NVLINK_BANDWIDTH_L0");

  private final XidTable xids = RuleCatalogue.load().xids();
  private final DcgmFields fields = DcgmFields.packaged();
  private WatchedNode node;

  /** Three pages of one snapshot. */
  record Pages(LivePage ours, LivePage classic, LivePage newer) {}

  @BeforeAll
  void startNode() throws IOException {
    node = WatchedNode.start("load 0.6");
    node.awaitUp(DEVICES);
    for (int device = 0; device < DEVICES; device++) {
      node.simulated().set(device, "power_mw", 512_345 + device);
      node.simulated().set(device, "energy_mj", 9_123_456_789L + device);
      node.simulated().set(device, "memory_used", 77_777_777_777L + device);
      node.simulated().set(device, "clock_sm_mhz", 1_222 + device);
      node.simulated().set(device, "utilization_gpu", 29 + device);
      node.simulated().set(device, "ecc_volatile_corrected_dram", 3 + device);
      node.simulated().set(device, "ecc_volatile_corrected_sram", 100);
      node.simulated().set(device, "ecc_aggregate_uncorrected_dram", 7);
      node.simulated().set(device, "ecc_aggregate_uncorrected_sram", 1000 * device);
      node.simulated().set(device, "remapped_correctable", 5 + device);
      node.simulated().set(device, "clocks_event_reasons", 0x104 + device);
      node.simulated().set(device, "margin_c", -device);
    }
    soon()
        .until(() ->
            node.value(7, Metric.ACCELERATOR_MEMORY_REMAPPED_ROWS, "correctable").orElse(0) == 12
                && node.value(7, Metric.ACCELERATOR_POWER_WATTS, "gpu").orElse(0) == 512.352);
  }

  @AfterAll
  void stopNode() {
    node.close();
  }

  private Pages pages() {
    NodeSnapshot snapshot = node.snapshot();
    PageBuffer ours = new PageBuffer(1 << 16);
    new PageWriter().write(snapshot, TextFormat.PROMETHEUS, ours);
    return new Pages(
        LivePage.of(new String(ours.toByteArray(), UTF_8)),
        page(new DialectWriter(fields.classic("Hostname", xids)), snapshot),
        page(new DialectWriter(fields.release49(Map.of(), xids)), snapshot));
  }

  private static LivePage page(DialectWriter writer, NodeSnapshot snapshot) {
    PageBuffer page = new PageBuffer(1 << 16);
    writer.write(snapshot, page);
    return LivePage.of(new String(page.toByteArray(), UTF_8));
  }

  private static double of(int device, LivePage page, String family) {
    return page.value(family, "gpu=\"" + device + "\"").orElse(Double.NaN);
  }

  @Test
  void everyValueIsThatOfOurPageInTheirUnit() {
    Pages pages = pages();
    int compared = 0;
    for (int device = 0; device < DEVICES; device++) {
      for (Field field : FIELDS) {
        double ours = field.onOurPage(pages.ours(), device);
        double classic = field.toClassic().of(ours);
        double newer = field.toNewer().of(ours);
        assertSame(field.classic(), of(device, pages.classic(), field.classic()), classic);
        assertSame(field.newer(), of(device, pages.newer(), field.newer()), newer);
        compared += Double.isNaN(ours) ? 0 : 1;
      }
    }
    System.out.println("compared with /metrics, on each of two pages: " + compared + " values");
    assertThat(compared).isGreaterThanOrEqualTo(38 * DEVICES);
  }

  /** Absent where ours is; else to the last of six decimals. */
  private static void assertSame(String family, double shown, double expected) {
    if (Double.isNaN(expected)) {
      assertThat(shown).as(family).isNaN();
    } else {
      assertThat(shown).as(family).isCloseTo(expected, within(0.5e-6));
    }
  }

  @Test
  void nothingOnThePageIsWithoutATest() {
    Set<String> tested =
        Stream.of(FIELDS.stream().map(Field::classic), OF_SEVERAL.stream(), ELSEWHERE.stream())
            .flatMap(names -> names)
            .collect(Collectors.toSet());
    assertThat(families(pages().classic())).isSubsetOf(tested).hasSizeGreaterThan(35);
    assertThat(families(pages().newer())).hasSameSizeAs(families(pages().classic()));
  }

  private static Set<String> families(LivePage page) {
    Set<String> families = new TreeSet<>();
    page.series().keySet().forEach(key -> families.add(key.substring(0, key.indexOf('{'))));
    return families;
  }

  @Test
  void sumsAreOfAllTheirParts() {
    Pages pages = pages();
    for (int device = 0; device < DEVICES; device++) {
      assertThat(of(device, pages.classic(), "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL"))
          .isEqualTo(103 + device);
      assertThat(of(device, pages.classic(), "DCGM_FI_DEV_ECC_DBE_AGG_TOTAL"))
          .isEqualTo(7 + 1000 * device);
      for (String severity : List.of("corrected", "uncorrected")) {
        String short49 = severity.equals("corrected") ? "SBE" : "DBE";
        for (String since : List.of("ecc_errors_total", "ecc_lifetime_errors_total")) {
          String span = since.equals("ecc_errors_total") ? "VOL" : "AGG";
          double sum =
              pages.ours().device(device, since, "location=\"dram\"", severity(severity))
                  + pages.ours().device(device, since, "location=\"sram\"", severity(severity));
          String family = "DCGM_FI_DEV_ECC_%s_%s_TOTAL".formatted(short49, span);
          assertThat(of(device, pages.classic(), family)).isEqualTo(sum);
          assertThat(of(device, pages.newer(), family)).isEqualTo(sum);
        }
      }
    }
  }

  private static String severity(String word) {
    return "severity=\"" + word + "\"";
  }

  @Test
  void theBitsAreThoseOfTheDriver() {
    Pages pages = pages();
    for (int device = 0; device < DEVICES; device++) {
      assertThat(of(device, pages.classic(), "DCGM_FI_DEV_CLOCKS_EVENT_REASONS"))
          .isEqualTo(0x104 + device);
      assertThat(of(device, pages.newer(), "DCGM_FI_DEV_CLOCKS_EVENT_REASONS"))
          .isEqualTo(0x104 + device);
    }
  }

  @Test
  void theShareOfMemoryIsOfWhatIsNotReserved() {
    Pages pages = pages();
    for (int device = 0; device < DEVICES; device++) {
      double used = pages.ours().device(device, "memory_used_bytes");
      double free = pages.ours().device(device, "memory_free_bytes");
      double share = of(device, pages.classic(), "DCGM_FI_DEV_FB_USED_PERCENT");
      assertThat(share).isCloseTo(used / (used + free), within(1e-6)).isBetween(0.3, 0.6);
      assertThat(of(device, pages.newer(), "DCGM_FI_DEV_FB_USED_RATIO")).isEqualTo(share);
    }
  }

  @Test
  void memoryActivityIsCopyTimeOrBandwidth() {
    Pages pages = pages();
    for (int device = 0; device < DEVICES; device++) {
      double ours = pages.ours().device(device, "memory_bandwidth_utilization_ratio");
      boolean profiled =
          !Double.isNaN(pages.ours().device(device, "engine_active_ratio", "engine=\"graphics\""));
      String shown = profiled ? "DCGM_FI_PROF_DRAM_ACTIVE" : "DCGM_FI_DEV_MEM_COPY_UTIL";
      String absent = profiled ? "DCGM_FI_DEV_MEM_COPY_UTIL" : "DCGM_FI_PROF_DRAM_ACTIVE";
      assertThat(of(device, pages.classic(), shown))
          .isCloseTo(profiled ? ours : Math.rint(ours * 100), within(0.5e-6));
      assertThat(of(device, pages.classic(), absent)).isNaN();
    }
  }

  @Test
  void anActionOfTheDriverIsItsNumber() throws IOException {
    String family = "DCGM_FI_DEV_GET_GPU_RECOVERY_ACTION";
    assertThat(of(2, pages().classic(), family)).isZero();
    node.simulated().set(2, "recovery_action", 3);
    soon().until(() -> of(2, pages().classic(), family) == 3);
    assertThat(of(3, pages().classic(), family)).isZero();
    node.simulated().set(2, "recovery_action", 77);
    soon().until(() -> Double.isNaN(of(2, pages().classic(), family)));
    node.simulated().command("unset 2 recovery_action");
    soon().until(() -> of(2, pages().newer(), "DCGM_FI_DEV_GPU_RECOVERY_ACTION") == 0);
  }

  @Test
  void anXidOfTheDriverIsTheLastOne() throws IOException {
    String family = "DCGM_FI_DEV_XID_ERRORS";
    soon().until(() -> of(5, pages().classic(), family) == 0);
    soon().until(() -> node.simulated().command("calls").contains("nvmlDeviceRegisterEvents=8"));
    node.simulated().fault(5, "xid 31");
    soon().until(() -> of(5, pages().classic(), family) == 31);
    LivePage page = pages().classic();
    assertThat(page.values(family, "gpu=\"5\"", "err_code=\"31\"")).containsExactly(31.0);
    assertThat(page.text()).contains("err_msg=\"" + xids.meaning(31) + "\"} 31\n");
    assertThat(of(4, page, family)).isZero();
  }

  /** Who the device is, as the simulator itself tells it. */
  @Test
  void labelsAreThoseOfTheDevice() throws IOException {
    Pages pages = pages();
    Set<String> seen = new HashSet<>();
    for (int device = 0; device < DEVICES; device++) {
      Map<String, String> simulated = node.simulated().get(device);
      String labels =
          "{gpu=\"%d\",UUID=\"%s\",pci_bus_id=\"%s\",device=\"nvidia%d\",modelName=\"NVIDIA B200\","
              .formatted(device, simulated.get("uuid"), simulated.get("pci_bus_id"), device);
      assertThat(labels).matches(Pattern.compile(".*pci_bus_id=\"[0-9A-F]{8}:[0-9A-F]{2}:.*"));
      assertThat(pages.classic().text())
          .contains(
              "DCGM_FI_DEV_SM_CLOCK"
                  + labels
                  + "Hostname=\"node1\",DCGM_FI_DRIVER_VERSION=\"580.82.07\"} "
                  + (1222 + device)
                  + "\n");
      assertThat(pages.newer().text())
          .contains(
              "DCGM_FI_DEV_SM_CLOCK_HERTZ"
                  + labels
                  + "hostname=\"node1\",DCGM_FI_SYSTEM_DRIVER_VERSION=\"580.82.07\"} "
                  + (1222 + device)
                  + "000000\n");
      seen.add(labels);
    }
    assertThat(seen).hasSize(DEVICES);
    assertThat(pages.classic().text()).startsWith("# Simulated hardware: ");
  }
}
