package io.millwright.agent.watch;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is looked for in the kernel log about the node itself. The forms are those of the kernel's
 * own print statements (drivers/pci/pcie/aer.c, arch/x86/kernel/cpu/mce/core.c, drivers/nvme/host,
 * block/blk-core.c, kernel/hung_task.c, kernel/watchdog.c, mm/oom_kill.c, fs), of NVIDIA's switch
 * driver and of AWS's Neuron driver. The word is that of the label {@code pattern}; each has a
 * series from the start.
 */
enum KernelPattern {
  FILESYSTEM(
      "fs_error",
      List.of("EXT2-fs ", "EXT3-fs ", "EXT4-fs ", "XFS ", "BTRFS"),
      "EXT[234]-fs error.*|EXT[234]-fs .*Remounting filesystem read-only.*"
          + "|XFS .*(?:[Ss]hutting down filesystem|Filesystem has been shut down).*"
          + "|BTRFS.*forced readonly.*"),
  OUT_OF_MEMORY("oom", List.of("Out of memory: "), "Out of memory: Killed process .*"),
  SOFT_LOCKUP(
      "soft_lockup", List.of("watchdog: ", "BUG: "), "(?:watchdog: )?BUG: soft lockup - CPU#.*"),
  HUNG_TASK("hung_task", List.of("INFO: task "), "INFO: task .{1,64} blocked for more than .*"),
  /** Errors that went wrong on the bus; the corrected ones count apart, because they are many. */
  BUS_ERROR(
      "pcie_aer",
      List.of(),
      "[a-z0-9_-]{1,32} [0-9a-f:.]{7,16}: (?:AER: )?PCIe Bus Error: severity=(?!Correct).*"),
  BUS_ERROR_CORRECTED(
      "pcie_aer_corrected",
      List.of(),
      "[a-z0-9_-]{1,32} [0-9a-f:.]{7,16}: (?:AER: )?PCIe Bus Error: severity=Correct.*"),
  /** A machine check prints several lines; these are the first and the last of them. */
  MACHINE_CHECK(
      "mce",
      List.of("mce: "),
      "mce: \\[Hardware Error\\]: (?:Machine check events logged"
          + "|CPU \\d+: Machine Check Exception: .*)"),
  NVME_TIMEOUT("nvme_timeout", List.of("nvme "), "nvme nvme\\d+: I/O .{0,80}timeout.*"),
  NVME_FAILED(
      "nvme_failed",
      List.of("nvme "),
      "nvme nvme\\d+: (?:controller is down|Device not ready|Removing after probe failure"
          + "|Disabling device after reset failure).*"),
  BLOCK_ERROR(
      "block_error",
      List.of("I/O error, dev ", "blk_update_request: ", "critical medium error, dev "),
      "(?:blk_update_request: )?(?:I/O error|critical medium error), dev .*"),
  /** Of NVIDIA's switches, which are no accelerators. */
  SWITCH_FATAL(
      "sxid_fatal",
      List.of("nvidia-nvswitch"),
      "nvidia-nvswitch\\d*: SXid \\(PCI:[0-9a-fA-F:.]{1,20}\\): \\d{1,6}, Fatal.*"),
  SWITCH_ERROR(
      "sxid",
      List.of("nvidia-nvswitch"),
      "nvidia-nvswitch\\d*: SXid \\(PCI:[0-9a-fA-F:.]{1,20}\\): \\d{1,6}, (?!Fatal).*"),
  NEURON_DRIVER(
      "neuron_driver",
      List.of("neuron:"),
      "neuron:.*(?:DMA completion timeout|failed to get ecc error count"
          + "|Could not retrieve device index|duplicate routing id"
          + "|HBM repairs were not completed|HBM repair failed|[Ss]crub failed"
          + "|reset thread creation failed|is in an invalid state|election failed"
          + "|Failed to read firmware API version|is in an abort state).*");

  private final String word;
  private final List<String> beginnings;
  private final Pattern form;

  KernelPattern(String word, List<String> beginnings, String form) {
    this.word = word;
    this.beginnings = beginnings;
    this.form = Pattern.compile(form);
  }

  String word() {
    return word;
  }

  /** The one that a line is; empty for the many that are none. */
  static Optional<KernelPattern> of(String text) {
    return Arrays.stream(VALUES).filter(pattern -> pattern.covers(text)).findFirst();
  }

  private static final KernelPattern[] VALUES = values();

  /** The beginnings spare most lines the dearer look at their form. */
  private boolean covers(String text) {
    if (beginnings.isEmpty()) {
      return text.contains("PCIe Bus Error: ") && form.matcher(text).matches();
    }
    return beginnings.stream().anyMatch(text::startsWith) && form.matcher(text).matches();
  }
}
