package io.millwright.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process as the kernel accounts for it. */
record Watched(long pid) {
  private static final double TICKS_A_SECOND = 100;
  private static final int UTIME_AFTER_NAME = 11;

  /** Resident and private-dirty memory in KiB. */
  record Memory(long rss, long pss, long privateDirty) {}

  Memory memory() {
    String rollup = text("smaps_rollup");
    return new Memory(
        kibibytes(rollup, "Rss:"), kibibytes(rollup, "Pss:"), kibibytes(rollup, "Private_Dirty:"));
  }

  /** Processor time so far, all threads, user and system; the kernel counts in 10 ms. */
  double cpuSeconds() {
    String stat = text("stat");
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[UTIME_AFTER_NAME]) + Long.parseLong(fields[UTIME_AFTER_NAME + 1]))
        / TICKS_A_SECOND;
  }

  int threads() {
    return (int)
        text("status")
            .lines()
            .filter(line -> line.startsWith("Threads:"))
            .mapToLong(line -> Long.parseLong(line.substring(8).strip()))
            .findFirst()
            .orElseThrow();
  }

  private static long kibibytes(String rollup, String key) {
    return rollup
        .lines()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.substring(key.length()).replace("kB", "").strip()))
        .findFirst()
        .orElseThrow(() -> new BenchmarkException("smaps_rollup has no " + key));
  }

  private String text(String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (IOException e) {
      throw new BenchmarkException("reading /proc/" + pid + "/" + file, e);
    }
  }
}
