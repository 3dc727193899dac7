package io.millwright.benchmarks;

import io.millwright.protocol.clock.Clock;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;

/**
 * What it costs on this machine to wake from a pause and to touch some memory: on a virtual machine
 * that loses its page tables while it idles, far more than the work that was woken for. Figures at
 * rest mean nothing without it.
 */
final class WakeCost {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Clock CLOCK = Clock.system();
  private static final int PAGE = 4096;
  private static final int TOUCHED = 4 << 20;

  private WakeCost() {}

  static void print() {
    byte[] memory = new byte[TOUCHED];
    measure("nothing", Duration.ofMillis(1), 500, 0, memory);
    measure("nothing", Duration.ofSeconds(1), 20, 0, memory);
    measure("4 MiB", Duration.ofMillis(1), 500, TOUCHED, memory);
    measure("4 MiB", Duration.ofSeconds(1), 20, TOUCHED, memory);
  }

  private static void measure(String touched, Duration pause, int wakes, int bytes, byte[] memory) {
    long cpu = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < wakes; i++) {
      long until = CLOCK.nanos() + pause.toNanos();
      while (CLOCK.nanos() - until < 0) {
        CLOCK.parkUntil(until);
      }
      for (int at = 0; at < bytes; at += PAGE) {
        memory[at]++;
      }
    }
    cpu = THREADS.getCurrentThreadCpuTime() - cpu;
    System.out.println(
        Line.of("wake")
            .add("touched", touched)
            .add("pause_ms", pause.toMillis())
            .add("cpu_us_per_wake", cpu / 1e3 / wakes));
  }
}
