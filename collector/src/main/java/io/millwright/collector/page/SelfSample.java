package io.millwright.collector.page;

import io.millwright.collector.self.Backlog;
import io.millwright.collector.self.Budget;
import io.millwright.collector.self.Build;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The collector's build, its disk, its queues and its budget, as readings of the catalogue's
 * families.
 */
public final class SelfSample {
  private SelfSample() {}

  public static Sample of(
      Build build, List<Backlog> queues, Budget budget, OptionalLong storedBytes) {
    Map<Series, Double> values = new LinkedHashMap<>();
    values.put(
        Series.of(
            Metric.COLLECTOR_BUILD_INFO, build.version(), build.revision(), build.jvmVersion()),
        1.0);
    storedBytes.ifPresent(
        bytes -> values.put(Series.of(Metric.COLLECTOR_STORAGE_USED_BYTES), (double) bytes));
    for (Backlog one : queues) {
      values.put(Series.of(Metric.COLLECTOR_QUEUE_LENGTH, one.queue()), (double) one.length());
      one.capacity()
          .ifPresent(most ->
              values.put(Series.of(Metric.COLLECTOR_QUEUE_CAPACITY, one.queue()), (double) most));
      one.lagSeconds()
          .ifPresent(
              lag -> values.put(Series.of(Metric.COLLECTOR_QUEUE_LAG_SECONDS, one.queue()), lag));
      one.drops()
          .forEach(drop ->
              values.put(
                  Series.of(Metric.COLLECTOR_DROPPED_TOTAL, one.queue(), drop.reason()),
                  (double) drop.entries()));
    }
    budget
        .used()
        .forEach((resource, ratio) -> {
          values.put(Series.of(Metric.COLLECTOR_BUDGET_USED_RATIO, resource.word()), ratio);
          values.put(
              Series.of(Metric.COLLECTOR_OVER_BUDGET, resource.word()),
              Budget.over(ratio) ? 1.0 : 0.0);
        });
    return FleetSample.sample(values);
  }
}
