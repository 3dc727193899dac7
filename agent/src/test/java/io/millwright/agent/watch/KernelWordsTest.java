package io.millwright.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.health.Event;
import io.millwright.agent.health.Event.Gravity;
import io.millwright.agent.health.Event.Origin;
import io.millwright.agent.health.Event.Place;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.vocabulary.InstanceId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelWordsTest {
  private static Event.DeviceError error(String text) {
    return (Event.DeviceError) KernelWords.event(text, 7).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NVRM: Xid (PCI:0000:1a:00): 79, pid=1234, name=python, GPU has fallen off the bus. | 0000:1a:00 | '' | 79 | KERNEL_LOG | UNSAID | GPU has fallen off the bus.",
        "NVRM: Xid (0000:03:00): 14, Channel 00000001 | 0000:03:00 | '' | 14 | KERNEL_LOG | UNSAID | Channel 00000001",
        "NVRM: Xid (PCI:0018:01:00): 149, NETIR_LINK_EVT Fatal XC0 i0 Link 08 (0x004505c6) | 0018:01:00 | '' | 149 | KERNEL_LOG | FATAL | NETIR_LINK_EVT Fatal XC0 i0 Link 08 (0x004505c6)",
        "NVRM: Xid (PCI:0018:01:00): 145, RLW_REMAP Nonfatal XC0 | 0018:01:00 | '' | 145 | KERNEL_LOG | NONFATAL | RLW_REMAP Nonfatal XC0",
        "NVRM: Xid (PCI:0000:41:00 GPU-I:07): 94, pid='<unknown>', name=<unknown>, Contained | 0000:41:00 | gi7 | 94 | KERNEL_LOG | UNSAID | Contained",
        "NVRM: Xid (PCI:0000:3b:00 GPU-I:01 GPU-CI:02): 13, pid=9, name=a, Graphics Exception | 0000:3b:00 | gi1ci2 | 13 | KERNEL_LOG | UNSAID | Graphics Exception",
        "NVRM: Xid (PCI:0000:41:00): 45 | 0000:41:00 | '' | 45 | KERNEL_LOG | UNSAID |",
        "NVRM: The NVIDIA GPU 0000:b3:00.0 fallen off the bus and is not responding | 0000:b3:00 | '' | 79 | KERNEL_LOG_WORDS | UNSAID | GPU has fallen off the bus",
        "NVRM: GPU 0000:b3:00.0: GPU has fallen off the bus. | 0000:b3:00 | '' | 79 | KERNEL_LOG_WORDS | UNSAID | GPU has fallen off the bus",
      })
  void readsTheFormsOfTheDriver(
      String text,
      String address,
      String instance,
      int xid,
      Origin origin,
      Gravity gravity,
      String detail) {
    assertThat(error(text))
        .isEqualTo(
            new Event.DeviceError(
                new Place.Pci(address),
                InstanceId.of(instance),
                ErrorCode.xid(xid),
                origin,
                7,
                gravity,
                detail == null ? "" : detail));
  }

  /** The driver prints these as one record of three lines, whose ends the kernel escapes. */
  @Test
  void readsALostDeviceOverThreeLines() {
    KernelLine line =
        KernelLine.of(
                "3,9,100,-;NVRM: The NVIDIA GPU 0000:b3:00.0\\x0aNVRM: (PCI ID: 10de:26b5) installed"
                    + " in this system has\\x0aNVRM: fallen off the bus and is not responding to"
                    + " commands.")
            .orElseThrow();
    assertThat(error(line.text()).place()).isEqualTo(new Place.Pci("0000:b3:00"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64",
        "NVRM: Xid (PCI:0000:1a:00): seventy-nine",
        "nvidia: NVRM: Xid (PCI:0000:1a:00): 79, said by somebody else",
        "Memory cgroup out of memory: Killed process 12 (a)",
        "EXT4-fs (sda1): mounted filesystem",
        "",
      })
  void leavesTheRest(String text) {
    assertThat(KernelWords.event(text, 7)).isEmpty();
  }

  /** The forms of the kernel's own print statements; the numbers are ours. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2: comm a: reading | fs_error",
        "XFS (nvme0n1): Shutting down filesystem | fs_error",
        "Out of memory: Killed process 12 (a) total-vm:1kB | oom",
        "watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [a:12] | soft_lockup",
        "INFO: task a:12 blocked for more than 120 seconds. | hung_task",
        "nvme 0000:03:00.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer | pcie_aer",
        "pcieport 0000:00:1c.5: AER: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=x | pcie_aer",
        "mlx5_core 0000:1a:00.0: PCIe Bus Error: severity=Corrected, type=Physical Layer | pcie_aer_corrected",
        "pcieport 0000:00:1c.5: PCIe Bus Error: severity=Correctable, type=Physical Layer | pcie_aer_corrected",
        "mce: [Hardware Error]: Machine check events logged | mce",
        "mce: [Hardware Error]: CPU 2: Machine Check Exception: 5 Bank 6: be00000000800400 | mce",
        "nvme nvme0: I/O 123 (I/O Cmd) QID 4 timeout, aborting | nvme_timeout",
        "nvme nvme1: I/O tag 5 (1005) opcode 0x2 (I/O Cmd) QID 1 timeout, reset controller | nvme_timeout",
        "nvme nvme0: controller is down; will reset: CSTS=0x3, PCI_STATUS=0x10 | nvme_failed",
        "nvme nvme0: Device not ready; aborting reset, CSTS=0x1 | nvme_failed",
        "I/O error, dev nvme0n1, sector 8 op 0x0:(READ) flags 0x0 | block_error",
        "blk_update_request: I/O error, dev sda, sector 8 | block_error",
        "Buffer I/O error on dev nvme0n1p2, logical block 8, lost async page write | block_error",
        "nvidia-nvswitch3: SXid (PCI:0000:c1:00.0): 12028, Non-fatal, Link 32 egress error | sxid",
        "nvidia-nvswitch0: SXid (PCI:0000:c1:00.0): 20034, Fatal, Link 30 LTSSM fault up | sxid_fatal",
        "neuron:ncdev_dma: DMA completion timeout on nd3 for q2 | neuron_dma_timeout",
        "neuron:ndma_is_aborted: DMA TX engine 5 is in an abort state | neuron_dma_abort",
        "neuron:nr_reset: HBM repair failed on nd1 | neuron_repair_failed",
        "neuron:nr_init: HBM repairs were not completed on nd1 | neuron_repair_pending",
        "neuron:nr_scrub: Scrub failed for nd2 | neuron_scrub",
        "neuron:nr_start: nd4 is in an invalid state | neuron_reset",
        "neuron:nr_start: nd4 reset thread creation failed | neuron_reset",
        "neuron:npe_init: election failed on nd0 | neuron_election",
        "neuron:mc_alloc_internal: mc_alloc: device mempool [0:1] total 9 occupied 9 needed 4 | neuron_memory",
        "neuron:fw_io: failed to get ecc error count on nd0 | neuron_driver",
        "neuron:ncdev: duplicate routing id 3 found | neuron_driver",
        "watchdog: Watchdog detected hard LOCKUP on cpu 12 | hard_lockup",
        "watchdog: CPU3: Watchdog detected hard LOCKUP on cpu 12 | hard_lockup",
        "NMI watchdog: Watchdog detected hard LOCKUP on cpu 12dModules linked in: | hard_lockup",
        "Oops: 0002 [#1] PREEMPT SMP NOPTI | kernel_bug",
        "general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP | kernel_bug",
        "Internal error: Oops: 96000004 [#1] SMP | kernel_bug",
        "invalid opcode: 0000 [#2] SMP | kernel_bug",
        "{1}[Hardware Error]: event severity: fatal | hardware_error",
        "{12}[Hardware Error]: event severity: recoverable | hardware_error",
        "EDAC MC0: 1 UE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0 | memory_ue",
        "Memory failure: 0x1234ab: recovery action for dirty LRU page: Recovered | memory_ue",
        "mce: Uncorrected hardware memory error in user-access at 1234ab000 | memory_ue",
        "mce: CPU12: Core temperature is above threshold, cpu clock is throttled (total events = 1) | cpu_throttled",
        "CPU3: Package temperature above threshold, cpu clock throttled (total events = 9) | cpu_throttled",
        "VFS: file-max limit 65536 reached | file_max",
        "nf_conntrack: nf_conntrack: table full, dropping packet | connections_full",
        "md/raid1:md0: Disk failure on nvme1n1p1, disabling device. | raid_failed",
        "nfs: server 10.0.0.1 not responding, still trying | file_server",
        "Lustre: fs-OST0001-osc-ffff: Connection to fs-OST0001 (at 10.0.0.2@o2ib) was lost; | file_server",
        "mlx5_core 0000:0d:00.0: poll_health:801:(pid 0): device's health compromised - reached miss count | nic_firmware",
        "mlx5_core 0000:0d:00.0: poll_health:840:(pid 0): Fatal error 3 detected | nic_firmware",
        "mlx5_core 0000:03:00.0: wait_func:964:(pid 112): ENABLE_HCA(0x104) timeout. Will cause a leak of a command resource | nic_firmware",
        "mlx5_core 0000:5c:00.0: Port module event[error]: module 0, Cable error, High Temperature | nic_module",
        "mlx5_core 0000:12:00.0: mlx5_pcie_event:299:(pid 268): Detected insufficient power on the PCIe slot (27W). | nic_power",
        "NETDEV WATCHDOG: eth0 (mlx5_core): transmit queue 3 timed out | transmit_stall",
        "mlx5_core 0000:5c:00.0 eth0: NETDEV WATCHDOG: CPU: 3: transmit queue 0 timed out 5012 ms | transmit_stall",
        "nvidia-peermem nv_get_p2p_free_callback:127 ERROR detected invalid context, skipping further processing | peermem",
        "python3[4711]: segfault at 0 ip 00007f0c sp 00007ffe error 4 in libnccl.so.2.18.1[7f0c+1] | nccl_segfault",
        "traps: python3[4711] general protection fault ip:7f0c sp:7ffe error:0 in libnccl.so.2[7f0c+1] | nccl_segfault",
      })
  void countsWhatTheKernelTellsOfTheNode(String text, String pattern) {
    assertThat(KernelWords.event(text, 7))
        .hasValueSatisfying(event -> {
          assertThat(event).isInstanceOf(Event.Kernel.class);
          assertThat(((Event.Kernel) event).pattern()).isEqualTo(pattern);
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nvme nvme0: 16/0/0 default/read/poll queues",
        "I/O error, dev sr0, sector 0 op 0x0:(READ) flags 0x80700 phys_seg 1",
        "mlx5_core 0000:5c:00.0: Port module event: module 0, Cable plugged",
        "mlx5_core 0000:12:00.0: mlx5_pcie_event:296:(pid 268): PCIe slot advertised sufficient power (75W).",
        "{3}[Hardware Error]: event severity: corrected",
        "EDAC MC0: 12 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0",
        "EDAC MC0: Giving out device to module skx_edac controller Skylake Socket#0",
        "Memory failure: 0x1234ab: already hardware poisoned",
        "md/raid1:md0: active with 2 out of 2 mirrors",
        "nfs: server 10.0.0.1 OK",
        "python3[4711]: segfault at 0 ip 00007f0c sp 00007ffe error 4 in libc.so.6[7f0c+1]",
        "traps: python3[4711] trap invalid opcode ip:7f0c sp:7ffe error:0 in libc.so.6[7f0c+1]",
        "CPU3: Core temperature/speed normal (total events = 9)",
        "neuron:nr_start: nd4 reset completed",
        "mce: CPU0: Thermal monitoring enabled (TM1)",
        "nvidia-nvswitch0: using MSI",
        "neuron: Neuron Driver Started with Version: 2.30.2.0",
        "somebody said: PCIe Bus Error: severity=Uncorrected",
        "pcieport 0000:00:1c.5: AER: Corrected error message received from 0000:03:00.0",
        "INFO: rcu_sched self-detected stall",
        "NEURON_HW_ERR=DMA_ERROR not of the driver nd-id=1",
        "Memory cgroup stats for /user/a NEURON_HW_ERR=DMA_ERROR nd-id=0 b:",
      })
  void leavesWhatTellsOfNothing(String text) {
    assertThat(KernelWords.event(text, 7)).isEmpty();
  }

  /** The form is that of AWS's documentation (troubleshooting of the Neuron runtime, 2026-08). */
  @Test
  void readsTheErrorsOfTheNeuronRuntime() {
    String line =
        "neuron:ncdev_printk: NEURON_HW_ERR=HBM_UNCORRECTABLE_ERROR instance-id=i-0 hostname=a"
            + " nd-id=3 nc-id=5 serial-num=19fcda00f5ff6eb9 action=TERMINATE_INSTANCE";
    assertThat(error(line))
        .isEqualTo(
            new Event.DeviceError(
                new Place.Neuron("19fcda00f5ff6eb9", OptionalInt.of(3)),
                Optional.empty(),
                ErrorCode.neuron("HBM_UNCORRECTABLE_ERROR"),
                Origin.KERNEL_LOG,
                7,
                Gravity.UNSAID,
                "nc-id=5, action=TERMINATE_INSTANCE"));
    assertThat(error("neuron:x: NEURON_HW_ERR=HBM3_UE nd-id=12 ").place())
        .isEqualTo(new Place.Neuron("", OptionalInt.of(12)));
    assertThat(error("neuron:x: NEURON_HW_ERR=DMA_ERROR serial-num=9fc").place())
        .isEqualTo(new Place.Neuron("00000000000009fc", OptionalInt.empty()));
    assertThat(KernelWords.event("neuron:x: NEURON_HW_ERR=DMA_ERROR of no device", 7))
        .hasValueSatisfying(
            event -> assertThat(((Event.Kernel) event).pattern()).isEqualTo("neuron_driver"));
  }

  @Test
  void aLineOfAUserIsNotTheKernels() {
    assertThat(KernelLine.of("12,5,100,-;x").orElseThrow().isOfTheKernel()).isFalse();
    assertThat(KernelLine.of("4,5,100,-,caller=T1;x").orElseThrow().isOfTheKernel()).isTrue();
    assertThat(KernelLine.of(" SUBSYSTEM=pci")).isEmpty();
  }

  @Test
  void anyTextIsALineOrNone() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String letters = "0123456789,;-: NVRM:Xid(PCI)\\xa\u001b{é";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "4,5,6,-;NVRM: Xid (" : "");
      for (int k = random.nextInt(60); k > 0; k--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      KernelLine.of(text.toString())
          .flatMap(line -> KernelWords.event(line.text(), 1))
          .ifPresent(event -> assertThat(event.atMs()).as("seed %d", seed).isEqualTo(1));
    }
  }

  /** As open-gpu-kernel-modules' nvswitch prints it, with two further lines about the same. */
  @Test
  void anErrorOfASwitchIsAPatternAndACode() {
    List<Event> told =
        KernelWords.events(
            "nvidia-nvswitch3: SXid (PCI:0000:86:00.0): 20034, Fatal, Link 30 LTSSM Fault Up", 7);
    assertThat(told)
        .containsExactly(
            new Event.Kernel(
                "sxid_fatal",
                7,
                "nvidia-nvswitch3: SXid (PCI:0000:86:00.0): 20034, Fatal, Link 30 LTSSM Fault Up"),
            new Event.DeviceError(
                new Event.Place.Pci("0000:86:00"),
                Optional.empty(),
                ErrorCode.sxid(20034),
                Event.Origin.KERNEL_LOG,
                7,
                Event.Gravity.FATAL,
                "Link 30 LTSSM Fault Up"));
    assertThat(
            KernelWords.events(
                "nvidia-nvswitch3: SXid (PCI:0000:86:00.0): 20001, Non-fatal, Link 30 TX Replay Error",
                7))
        .hasSize(2);
    assertThat(
            KernelWords.events(
                "nvidia-nvswitch3: SXid (PCI:0000:86:00.0): 20034, Severity 1 Engine instance 30",
                7))
        .hasSize(1)
        .allMatch(Event.Kernel.class::isInstance);
  }
}
