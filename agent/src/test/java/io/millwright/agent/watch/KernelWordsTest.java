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
        "nvidia-nvswitch3: SXid (PCI:0000:c1:00.0): 12028, Non-fatal, Link 32 egress error | sxid",
        "nvidia-nvswitch0: SXid (PCI:0000:c1:00.0): 20034, Fatal, Link 30 LTSSM fault up | sxid_fatal",
        "neuron:ncdev_dma: DMA completion timeout on nd3 for q2 | neuron_driver",
        "neuron:nr_reset: HBM repair failed on nd1 | neuron_driver",
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
