package io.millwright.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.health.Event;
import io.millwright.agent.health.Event.Gravity;
import io.millwright.agent.health.Event.Origin;
import io.millwright.agent.health.Event.Place;
import io.millwright.protocol.vocabulary.InstanceId;
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
                xid,
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
}
