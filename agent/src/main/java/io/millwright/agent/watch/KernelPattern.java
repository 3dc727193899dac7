package io.millwright.agent.watch;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is looked for in the kernel log about the node itself. The forms are those of the kernel's
 * own print statements (drivers/pci/pcie/aer.c, arch/x86/kernel/cpu/mce/core.c, drivers/nvme/host,
 * block/blk-core.c, kernel/hung_task.c, kernel/watchdog*.c, mm/oom_kill.c, mm/memory-failure.c,
 * drivers/edac, drivers/firmware/efi/cper.c, drivers/md, net/sched, fs), of NVIDIA's switch driver,
 * of Mellanox's adapters and of AWS's Neuron driver. The word is that of the label {@code pattern};
 * each has a series from the start.
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
      "PCIe Bus Error: ",
      "[a-z0-9_-]{1,32} [0-9a-f:.]{7,16}: (?:AER: )?PCIe Bus Error: severity=(?!Correct).*"),
  BUS_ERROR_CORRECTED(
      "pcie_aer_corrected",
      "PCIe Bus Error: ",
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
      List.of(
          "I/O error, dev ",
          "blk_update_request: ",
          "critical medium error, dev ",
          "Buffer I/O error on dev"),
      // drives without a disk in them, above all the one that a service processor shows
      "(?:(?:blk_update_request: )?(?:I/O error|critical medium error), dev"
          + "|Buffer I/O error on dev(?:ice)?) (?!sr\\d|fd\\d|loop\\d).*"),
  /** Of NVIDIA's switches, which are no accelerators. */
  SWITCH_FATAL(
      "sxid_fatal",
      List.of("nvidia-nvswitch"),
      "nvidia-nvswitch\\d*: SXid \\(PCI:[0-9a-fA-F:.]{1,20}\\): \\d{1,6}, Fatal.*"),
  SWITCH_ERROR(
      "sxid",
      List.of("nvidia-nvswitch"),
      "nvidia-nvswitch\\d*: SXid \\(PCI:[0-9a-fA-F:.]{1,20}\\): \\d{1,6}, (?!Fatal).*"),
  /** Not what a program has the driver print, which may say anything. */
  NEURON_DRIVER(
      "neuron_driver",
      List.of("neuron:"),
      "neuron:(?!ncdev_printk).*(?:failed to get ecc error count|Could not retrieve device index"
          + "|duplicate routing id|Failed to read firmware API version).*"),
  /** Device memory was wanted that is not there: of whoever wanted it. */
  NEURON_MEMORY(
      "neuron_memory",
      List.of("neuron:"),
      "neuron:(?!ncdev_printk).*mc_alloc.*device mempool.*needed.*"),
  NEURON_DMA_TIMEOUT(
      "neuron_dma_timeout",
      List.of("neuron:"),
      "neuron:(?!ncdev_printk).*DMA completion timeout.*"),
  NEURON_DMA_ABORT(
      "neuron_dma_abort", List.of("neuron:"), "neuron:(?!ncdev_printk).*is in an abort state.*"),
  NEURON_REPAIR_PENDING(
      "neuron_repair_pending",
      List.of("neuron:"),
      "neuron:(?!ncdev_printk).*HBM repairs were not completed.*"),
  NEURON_REPAIR_FAILED(
      "neuron_repair_failed", List.of("neuron:"), "neuron:(?!ncdev_printk).*HBM repair failed.*"),
  NEURON_SCRUB("neuron_scrub", List.of("neuron:"), "neuron:(?!ncdev_printk).*[Ss]crub failed.*"),
  NEURON_RESET(
      "neuron_reset",
      List.of("neuron:"),
      "neuron:(?!ncdev_printk).*(?:reset thread creation failed|is in an invalid state).*"),
  NEURON_ELECTION(
      "neuron_election", List.of("neuron:"), "neuron:(?!ncdev_printk).*election failed.*"),
  HARD_LOCKUP(
      "hard_lockup",
      List.of("watchdog: ", "NMI watchdog: "),
      "(?:NMI )?watchdog: (?:CPU\\d{1,5}: )?Watchdog detected hard LOCKUP on cpu.*"),
  /** Of the lines of one fault in the kernel the one that numbers it. */
  KERNEL_BUG(
      "kernel_bug",
      " [#",
      "(?:Oops|Internal error|general protection fault|invalid opcode|divide error|double fault"
          + "|stack segment|bad access|kernel BUG)[^\\[]{0,200}\\[#\\d{1,6}\\].*"),
  /** What firmware tells of processors, memory and buses by ACPI. */
  HARDWARE_ERROR(
      "hardware_error",
      List.of("{"),
      "\\{\\d{1,6}\\}\\[Hardware Error\\]: event severity: (?:fatal|recoverable).*"),
  MEMORY_UNCORRECTED(
      "memory_ue",
      List.of("EDAC MC", "Memory failure: ", "mce: Uncorrected hardware memory error"),
      "EDAC MC\\d{1,4}: \\d{1,9} UE .*|Memory failure: 0x[0-9a-f]{1,16}: recovery action for .*"
          + "|mce: Uncorrected hardware memory error.*"),
  CPU_THROTTLED(
      "cpu_throttled",
      List.of("mce: CPU", "CPU"),
      "(?:mce: )?CPU\\d{1,5}: (?:Core|Package) temperature (?:is )?above threshold, cpu clock .*"),
  FILE_LIMIT("file_max", List.of("VFS: "), "VFS: file-max limit \\d{1,20} reached.*"),
  CONNECTIONS_FULL(
      "connections_full",
      List.of("nf_conntrack: "),
      "(?:nf_conntrack: ){1,2}table full, dropping packet.*"),
  RAID_FAILED(
      "raid_failed",
      List.of("md/"),
      "md/[a-z0-9]{1,16}:[a-z0-9_]{1,32}: Disk failure on .{1,64}, disabling device.*"),
  FILE_SERVER(
      "file_server",
      List.of("nfs: server ", "Lustre: "),
      "nfs: server .{1,256} not responding, .*|Lustre: .{1,256}: Connection to .{1,256} was lost.*"),
  /** The firmware of a ConnectX answers no more (drivers/net/ethernet/mellanox/mlx5). */
  NIC_FIRMWARE(
      "nic_firmware",
      List.of("mlx5_core "),
      "mlx5_core .{1,200}(?:device's health compromised|Fatal error \\d{1,6} detected"
          + "|unrecoverable hardware error|timeout\\. Will cause a leak of a command resource).*"),
  NIC_MODULE(
      "nic_module", List.of("mlx5_core "), "mlx5_core .{1,200}Port module event\\[error\\]: .*"),
  NIC_POWER(
      "nic_power",
      List.of("mlx5_core "),
      "mlx5_core .{1,200}Detected insufficient power on the PCIe slot.*"),
  TRANSMIT_STALL(
      "transmit_stall", "NETDEV WATCHDOG: ", "(?:.{0,80}: )?NETDEV WATCHDOG: .*timed out.*"),
  PEERMEM(
      "peermem",
      List.of("nvidia-peermem ", "nvidia_peermem"),
      "nvidia[-_]peermem.*detected invalid context.*"),
  /** A program that crashed in NVIDIA's collectives. */
  NCCL_CRASH(
      "nccl_segfault",
      " in libnccl",
      "(?:traps: )?.{1,64}\\[\\d{1,10}\\]:? (?:segfault|general protection).{1,200} in libnccl.*");

  private final String word;
  private final List<String> beginnings;
  private final String within;
  private final Pattern form;

  KernelPattern(String word, List<String> beginnings, String form) {
    this(word, beginnings, "", form);
  }

  /** One that may begin with anything and has this in it. */
  KernelPattern(String word, String within, String form) {
    this(word, List.of(), within, form);
  }

  KernelPattern(String word, List<String> beginnings, String within, String form) {
    this.word = word;
    this.beginnings = beginnings;
    this.within = within;
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
    return worthALook(text) && form.matcher(text).matches();
  }

  private boolean worthALook(String text) {
    if (beginnings.isEmpty()) {
      return text.contains(within);
    }
    for (int i = 0; i < beginnings.size(); i++) {
      if (text.startsWith(beginnings.get(i))) {
        return true;
      }
    }
    return false;
  }
}
