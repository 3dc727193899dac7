package io.millwright.agent.self;

import static io.millwright.protocol.vocabulary.Metric.AGENT_NATIVE_CALL_DURATION_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.AGENT_NATIVE_CALL_RESULTS_TOTAL;

import io.millwright.protocol.vocabulary.Metric;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Native calls by function, in the client's registry. The accounts are taken when a page is
 * written: nothing of the client runs on the way of a native call.
 */
final class NativeCalls {
  private final String node;
  private final double[] bounds;
  private final Supplier<List<NativeCall>> accounts;

  /**
   * @param bounds upper bounds of the buckets in seconds, without infinity
   */
  NativeCalls(String node, double[] bounds, Supplier<List<NativeCall>> accounts) {
    this.node = node;
    this.bounds = Arrays.copyOf(bounds, bounds.length + 1);
    this.bounds[bounds.length] = Double.POSITIVE_INFINITY;
    this.accounts = accounts;
  }

  void register(PrometheusRegistry registry) {
    registry.register(this::durations);
    registry.register(this::results);
  }

  private HistogramSnapshot durations() {
    HistogramSnapshot.Builder family =
        HistogramSnapshot.builder()
            .name(AGENT_NATIVE_CALL_DURATION_SECONDS.familyName())
            .help(AGENT_NATIVE_CALL_DURATION_SECONDS.help())
            .unit(Unit.SECONDS);
    for (NativeCall account : accounts.get()) {
      long[] buckets = account.buckets().stream().mapToLong(calls -> calls).toArray();
      family.dataPoint(
          HistogramDataPointSnapshot.builder()
              .labels(
                  labels(
                      AGENT_NATIVE_CALL_DURATION_SECONDS, node, account.vendor(), account.call()))
              .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, buckets))
              .sum(account.seconds())
              .build());
    }
    return family.build();
  }

  private CounterSnapshot results() {
    CounterSnapshot.Builder family =
        CounterSnapshot.builder()
            .name(AGENT_NATIVE_CALL_RESULTS_TOTAL.familyName().replaceAll("_total$", ""))
            .help(AGENT_NATIVE_CALL_RESULTS_TOTAL.help());
    for (NativeCall account : accounts.get()) {
      new TreeMap<>(account.results())
          .forEach((result, calls) ->
              family.dataPoint(
                  CounterDataPointSnapshot.builder()
                      .labels(
                          labels(
                              AGENT_NATIVE_CALL_RESULTS_TOTAL,
                              node,
                              account.vendor(),
                              account.call(),
                              result))
                      .value((double) calls)
                      .build()));
    }
    return family.build();
  }

  private static Labels labels(Metric metric, String... values) {
    return Labels.of(metric.labels(), List.of(values));
  }
}
