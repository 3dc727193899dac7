package io.millwright.benchmarks;

import java.util.Arrays;

/** Durations of many scrapes, by nearest rank, in microseconds. */
record Latencies(int count, double p50, double p99, double max) {
  private static final double MICRO = 1e3;

  static Latencies of(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Latencies(
        sorted.length,
        rank(sorted, 0.50) / MICRO,
        rank(sorted, 0.99) / MICRO,
        sorted[sorted.length - 1] / MICRO);
  }

  private static double rank(long[] sorted, double share) {
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }

  void into(Line line) {
    line.add("scrapes", count).add("p50_us", p50).add("p99_us", p99).add("max_us", max);
  }
}
