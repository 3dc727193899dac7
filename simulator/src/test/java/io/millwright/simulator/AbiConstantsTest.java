package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The simulated library's own headers and the sources of its functions say the same numbers as
 * NVIDIA's.
 */
class AbiConstantsTest {
  private static final Path NATIVE = Path.of("native");
  private static final Path CONSTANTS =
      Path.of("../drivers/src/test/resources/nvml/nvml-constants.tsv");
  private static final Pattern IN_AN_ENUM =
      Pattern.compile("(?:^ {4,}|[,{] ?)([A-Z][A-Z0-9_a-z]*) = (0x[0-9A-Fa-f]+|\\d+)\\b");
  private static final Pattern DEFINED =
      Pattern.compile("^#define ([A-Z0-9_]+) (0x[0-9A-Fa-f]+|\\d+)\\b");

  /** Where the simulator's word is another one. */
  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("REASON_IDLE", "nvmlClocksEventReasonGpuIdle"),
          Map.entry("REASON_SW_POWER_CAP", "nvmlClocksEventReasonSwPowerCap"),
          Map.entry("REASON_SYNC_BOOST", "nvmlClocksEventReasonSyncBoost"),
          Map.entry("REASON_SW_THERMAL", "nvmlClocksEventReasonSwThermalSlowdown"),
          Map.entry("REASON_HW_THERMAL", "nvmlClocksThrottleReasonHwThermalSlowdown"),
          Map.entry("REASON_HW_POWER_BRAKE", "nvmlClocksThrottleReasonHwPowerBrakeSlowdown"),
          Map.entry("REASONS_ALL", "nvmlClocksEventReasonAll"),
          Map.entry("EVENT_SINGLE_BIT_ECC", "nvmlEventTypeSingleBitEccError"),
          Map.entry("EVENT_DOUBLE_BIT_ECC", "nvmlEventTypeDoubleBitEccError"),
          Map.entry("EVENT_XID", "nvmlEventTypeXidCriticalError"),
          Map.entry("EVENT_RECOVERY_ACTION", "nvmlEventTypeGpuRecoveryAction"),
          Map.entry("EVENT_MIG_CONFIG_CHANGE", "nvmlEventMigConfigChange"),
          Map.entry("SYSTEM_EVENT_UNBIND", "nvmlSystemEventTypeGpuDriverUnbind"),
          Map.entry("SYSTEM_EVENT_BIND", "nvmlSystemEventTypeGpuDriverBind"),
          Map.entry("PROFILES_CLEAR", "NVML_POWER_PROFILE_OPERATION_CLEAR"),
          Map.entry("PROFILES_SET", "NVML_POWER_PROFILE_OPERATION_SET"),
          Map.entry("PROFILES_SET_AND_OVERWRITE", "NVML_POWER_PROFILE_OPERATION_SET_AND_OVERWRITE"),
          Map.entry("GPM_VERSION", "NVML_GPM_METRICS_GET_VERSION"),
          Map.entry("GPM_METRICS", "NVML_GPM_METRIC_MAX"),
          Map.entry("FABRIC_UUID_LENGTH", "NVML_GPU_FABRIC_UUID_LEN"),
          Map.entry("MIG_NAME_LENGTH", "NVML_DEVICE_NAME_V2_BUFFER_SIZE"),
          Map.entry("GPU_INSTANCE_PROFILES", "NVML_GPU_INSTANCE_PROFILE_COUNT"),
          Map.entry("COMPUTE_INSTANCE_PROFILES", "NVML_COMPUTE_INSTANCE_PROFILE_COUNT"),
          Map.entry("COMPUTE_INSTANCE_PROFILE_V2", "nvmlComputeInstanceProfileInfo_v2"),
          Map.entry("HOPPER", "NVML_DEVICE_ARCH_HOPPER"),
          Map.entry("GSP_FIRMWARE_VERSION_SIZE", "NVML_GSP_FIRMWARE_VERSION_BUF_SIZE"),
          Map.entry("ERROR_COUNTERS", "NVML_NVLINK_ERROR_COUNT"),
          Map.entry("LOCATION_DRAM", "NVML_MEMORY_LOCATION_DRAM"),
          Map.entry("LOCATION_SRAM", "NVML_MEMORY_LOCATION_SRAM"),
          Map.entry("LOCATION_COUNT", "NVML_MEMORY_LOCATION_COUNT"),
          Map.entry("TOPOLOGY_INTERNAL", "NVML_TOPOLOGY_INTERNAL"),
          Map.entry("TOPOLOGY_NODE", "NVML_TOPOLOGY_NODE"),
          Map.entry("TOPOLOGY_SYSTEM", "NVML_TOPOLOGY_SYSTEM"),
          Map.entry("P2P_NVLINK", "NVML_P2P_CAPS_INDEX_NVLINK"),
          Map.entry("P2P_CAPABILITIES", "NVML_P2P_CAPS_INDEX_UNKNOWN"));

  /** What is no number of NVIDIA's header, and why. */
  private static final Map<String, String> OF_ITS_OWN =
      Map.ofEntries(
          Map.entry("BUFFER_SIZE", "what drivers answer, and no header says"),
          Map.entry("SWITCH_TRAYS", "the form of a simulated rack"),
          Map.entry("TRAYS_BELOW_SWITCHES", "the form of a simulated rack"),
          Map.entry("CORES", "the form of a simulated host"),
          Map.entry("GRACE_CORES", "the form of a simulated host"),
          Map.entry("MEBIBYTE", "a unit"),
          Map.entry("WIDE_STRIDE", "a struct of early drivers of 535 that the header has no more"),
          Map.entry("MOST_SAMPLES", "room of the simulator's own"),
          Map.entry("MAX_SETS", "room of the simulator's own"),
          Map.entry("QUEUE_LENGTH", "room of the simulator's own"),
          Map.entry("SLOTS", "room of the simulator's own"));

  @Test
  void everyNumberIsNvidias() throws IOException {
    Map<String, Long> ours = ours();
    Map<String, Long> header = header();
    assertThat(ours)
        .hasSizeGreaterThan(50)
        .containsKeys("NVML_SUCCESS", "SYSTEM_EVENT_BIND", "P2P_NVLINK");
    assertThat(ours.keySet()).as("no exception is in vain").containsAll(OF_ITS_OWN.keySet());
    ours.keySet().removeAll(OF_ITS_OWN.keySet());
    ours.forEach((name, value) ->
        assertThat(value)
            .as("%s is %s", name, word(name))
            .isEqualTo(Objects.requireNonNull(header.get(word(name)), name)));
    assertThat(ours.keySet()).as("no word is spent in vain").containsAll(WORDS.keySet());
  }

  private static String word(String name) {
    return WORDS.getOrDefault(name, name.replaceFirst("^VALUE_", "NVML_VALUE_TYPE_"));
  }

  private static Map<String, Long> ours() throws IOException {
    Map<String, Long> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(NATIVE)) {
      Set<Path> sources =
          files
              .filter(file -> file.getFileName().toString().matches("abi\\w*\\.[ch]"))
              .collect(Collectors.toSet());
      for (Path source : sources) {
        for (String line : Files.readAllLines(source)) {
          for (Pattern pattern : List.of(IN_AN_ENUM, DEFINED)) {
            Matcher matcher = pattern.matcher(line);
            while (matcher.find()) {
              Long value = Long.decode(matcher.group(2));
              Long other = found.put(matcher.group(1), value);
              assertThat(other == null ? value : other).as(matcher.group(1)).isEqualTo(value);
            }
          }
        }
      }
    }
    return found;
  }

  private static Map<String, Long> header() throws IOException {
    return Files.readAllLines(CONSTANTS).stream()
        .skip(1)
        .map(line -> line.split("\t", -1))
        .filter(row -> row[1].matches("-?\\d{1,18}"))
        .collect(
            Collectors.toMap(row -> row[0], row -> Long.valueOf(row[1]), (first, again) -> first));
  }
}
