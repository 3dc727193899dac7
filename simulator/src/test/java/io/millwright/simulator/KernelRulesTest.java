package io.millwright.simulator;

import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.health.Ending;
import io.millwright.protocol.health.Rule;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The rules of the kernel log, over a file that is written like it: a line that is nearly it, the
 * line, and what ends it. The forms are those of the kernel's and the drivers' print statements;
 * the numbers are ours.
 */
class KernelRulesTest {
  /** A line that differs in one thing from one that makes the rule speak. */
  private record Line(String rule, String near, String fire) {}

  private static final List<Line> LINES =
      List.of(
          new Line(
              "nic-firmware",
              "mlx5_core 0000:0d:00.0: poll_health:801:(pid 0): device's health recovered",
              "mlx5_core 0000:0d:00.0: poll_health:801:(pid 0): device's health compromised -"
                  + " reached miss count"),
          new Line(
              "nic-module",
              "mlx5_core 0000:5c:00.0: Port module event: module 0, Cable plugged",
              "mlx5_core 0000:5c:00.0: Port module event[error]: module 0, Cable error, High"
                  + " Temperature"),
          new Line(
              "nic-power",
              "mlx5_core 0000:12:00.0: mlx5_pcie_event:296:(pid 2): PCIe slot advertised sufficient"
                  + " power (75W).",
              "mlx5_core 0000:12:00.0: mlx5_pcie_event:299:(pid 2): Detected insufficient power on"
                  + " the PCIe slot (27W)."),
          new Line(
              "nic-transmit-stall",
              "NETDEV WATCHDOG: eth0 (mlx5_core): transmit queue 3 recovered",
              "NETDEV WATCHDOG: eth0 (mlx5_core): transmit queue 3 timed out"),
          new Line(
              "kernel-bus-error",
              "pcieport 0000:00:1c.5: PCIe Bus Error: severity=Correctable, type=Physical Layer",
              "pcieport 0000:00:1c.5: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=x"),
          new Line(
              "kernel-memory-error",
              "EDAC MC0: 1 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0",
              "EDAC MC0: 1 UE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0"),
          new Line(
              "kernel-hardware-error",
              "{1}[Hardware Error]: event severity: corrected",
              "{1}[Hardware Error]: event severity: fatal"),
          new Line(
              "kernel-machine-check",
              "mce: [Hardware Error]: Machine check polling timer started",
              "mce: [Hardware Error]: Machine check events logged"),
          new Line(
              "cpu-throttled",
              "CPU3: Core temperature/speed normal (total events = 9)",
              "CPU3: Core temperature above threshold, cpu clock throttled (total events = 9)"),
          new Line(
              "kernel-hard-lockup",
              "watchdog: Watchdog detected no LOCKUP on cpu 12",
              "watchdog: Watchdog detected hard LOCKUP on cpu 12"),
          new Line(
              "kernel-bug", "Oops: 0002 PREEMPT SMP NOPTI", "Oops: 0002 [#1] PREEMPT SMP NOPTI"),
          new Line(
              "kernel-hung-task",
              "INFO: task python3:4711 unblocked after more than 120 seconds.",
              "INFO: task python3:4711 blocked for more than 120 seconds."),
          new Line(
              "kernel-file-max",
              "VFS: file-max limit is 65536",
              "VFS: file-max limit 65536 reached"),
          new Line(
              "kernel-connections",
              "nf_conntrack: version 0.5.0 (65536 buckets, 262144 max)",
              "nf_conntrack: nf_conntrack: table full, dropping packet"),
          new Line(
              "kernel-file-server",
              "nfs: server 10.0.0.1 OK",
              "nfs: server 10.0.0.1 not responding, still trying"),
          new Line(
              "kernel-peermem",
              "nvidia-peermem nv_mem_client_init:400 registered",
              "nvidia-peermem nv_get_p2p_free_callback:127 ERROR detected invalid context, skipping"
                  + " further processing"),
          new Line(
              "kernel-nccl-crash",
              "python3[4711]: segfault at 0 ip 7f0c sp 7ffe error 4 in libc.so.6[7f0c+1]",
              "python3[4711]: segfault at 0 ip 7f0c sp 7ffe error 4 in libnccl.so.2[7f0c+1]"),
          new Line(
              "kernel-nvme-timeout",
              "nvme nvme0: I/O queues 16",
              "nvme nvme0: I/O tag 5 (1005) opcode 0x2 (I/O Cmd) QID 1 timeout, aborting"),
          new Line(
              "kernel-nvme-failed",
              "nvme nvme0: Device ready after 3 s",
              "nvme nvme0: Device not ready; aborting reset, CSTS=0x1"),
          new Line(
              "kernel-disk-error",
              "I/O error, dev sr0, sector 8 op 0x0:(READ) flags 0x0",
              "I/O error, dev nvme0n1, sector 8 op 0x0:(READ) flags 0x0"),
          new Line(
              "kernel-raid",
              "md/raid1:md0: Disk recovered on nvme1n1p1, enabling device.",
              "md/raid1:md0: Disk failure on nvme1n1p1, disabling device."),
          neuron("dma-abort", "DMA TX engine 5 is in an abort state"),
          neuron("dma-timeout", "DMA completion timeout on nd3 for q2"),
          neuron("repair-failed", "HBM repair failed on nd1"),
          neuron("repair-pending", "HBM repairs were not completed on nd1"),
          neuron("scrub", "scrub failed for nd2"),
          neuron("reset", "nd4 is in an invalid state"),
          neuron("firmware", "failed to get ecc error count on nd0"),
          neuron("election", "election failed on nd0"),
          neuron("memory", "mc_alloc: device mempool [0:1] total 9 occupied 9 needed 4"));

  /** The same words that a program has the driver print count for nothing. */
  private static Line neuron(String rule, String words) {
    return new Line(
        "neuron-log-" + rule, "neuron:ncdev_printk: " + words, "neuron:some_function: " + words);
  }

  /** What has a case here. */
  static Set<String> rules() {
    return LINES.stream().map(Line::rule).collect(Collectors.toSet());
  }

  private static Rule rule(Line line) {
    return JudgedHost.RULES.rule(line.rule());
  }

  private static List<Line> ending(Predicate<Ending> how) {
    return LINES.stream().filter(line -> how.test(rule(line).ending())).toList();
  }

  private static boolean quiet(Ending ending, int hours) {
    return ending instanceof Ending.Quiet(Duration held) && held.toHours() == hours;
  }

  @Test
  void eachLineMakesItsRuleSpeakUntilItIsOver() throws IOException {
    List<Line> hour = ending(ending -> quiet(ending, 1));
    List<Line> day = ending(ending -> quiet(ending, 24));
    List<Line> boot = ending(Ending.Boot.class::isInstance);
    assertThat(hour.size() + day.size() + boot.size()).isEqualTo(LINES.size());
    try (JudgedHost host = new JudgedHost()) {
      host.start();
      LINES.forEach(line -> host.kernel(line.near()));
      host.settle();
      LINES.forEach(line -> assertThat(host.speaks(line.rule())).as(line.near()).isFalse());

      LINES.forEach(line -> host.kernel(line.fire()));
      LINES.forEach(line -> soon().alias(line.fire()).until(() -> host.speaks(line.rule())));
      LINES.forEach(line ->
          assertThat(host.evidence(line.rule()))
              .singleElement()
              .satisfies(evidence -> {
                assertThat(evidence.advice()).isEqualTo(rule(line).advice());
                assertThat(evidence.observed()).startsWith("once").doesNotContain("python");
              }));

      host.pass(Duration.ofMinutes(55));
      speak(host, LINES);
      host.pass(Duration.ofMinutes(10));
      fallSilent(host, hour);
      speak(host, day);
      host.pass(Duration.ofHours(23));
      fallSilent(host, day);
      speak(host, boot);
      host.restart(); // the agent alone: it must not forget what stands
      host.settle();
      speak(host, boot);
      host.reboot();
      host.settle();
      fallSilent(host, boot);
    }
  }

  private static void speak(JudgedHost host, List<Line> lines) {
    lines.forEach(line -> assertThat(host.speaks(line.rule())).as(line.rule()).isTrue());
  }

  private static void fallSilent(JudgedHost host, List<Line> lines) {
    lines.forEach(line -> soon().alias(line.rule()).until(() -> !host.speaks(line.rule())));
  }
}
