package io.millwright.collector.page;

import io.millwright.collector.hot.Aggregate;
import io.millwright.collector.hot.HotColumns;
import io.millwright.collector.hot.HotFleet;
import io.millwright.collector.hot.HotMetric;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The racks in sums, and what the last minutes take, as readings of the catalogue's families. */
public final class HotSample {
  static final int MOST_RACKS = 700;
  private static final double MILLIS = 1e3;

  private HotSample() {}

  public static Sample of(HotFleet hot, Clock clock) {
    Map<Series, Double> values = new LinkedHashMap<>();
    HotColumns columns = hot.columns();
    long now = clock.nanos();
    Racks up = new Racks(Metric.COLLECTOR_RACK_ACCELERATORS, columns, HotMetric.UP, now, values);
    up.put(Aggregate::accelerators);
    values.put(
        Series.of(Metric.COLLECTOR_RACKS_NOT_SHOWN),
        (double) Math.max(0, up.racks().size() - MOST_RACKS));
    Racks power =
        new Racks(Metric.COLLECTOR_RACK_POWER_WATTS, columns, HotMetric.POWER, now, values);
    power.put(Aggregate::sum, "sum");
    power.put(Aggregate::most, "max");
    Racks utilization =
        new Racks(
            Metric.COLLECTOR_RACK_UTILIZATION_RATIO, columns, HotMetric.UTILIZATION, now, values);
    utilization.put(Aggregate::mean, "mean");
    utilization.put(Aggregate::least, "min");
    Racks temperature =
        new Racks(
            Metric.COLLECTOR_RACK_TEMPERATURE_CELSIUS,
            columns,
            HotMetric.TEMPERATURE_CORE,
            now,
            values);
    temperature.put(Aggregate::mean, "mean");
    temperature.put(Aggregate::most, "max");
    values.put(Series.of(Metric.COLLECTOR_HISTORY_BYTES), (double) hot.historyBytes());
    values.put(Series.of(Metric.COLLECTOR_HISTORY_EVICTED_TOTAL), (double) hot.evicted());
    hot.oldestWallMs()
        .ifPresent(at ->
            values.put(Series.of(Metric.COLLECTOR_HISTORY_OLDEST_TIMESTAMP_SECONDS), at / MILLIS));
    return FleetSample.sample(values);
  }

  /** One family over the racks. */
  private record Racks(Metric family, Map<String, Aggregate> racks, Map<Series, Double> values) {
    Racks(
        Metric family,
        HotColumns columns,
        HotMetric metric,
        long nowNanos,
        Map<Series, Double> values) {
      this(family, Aggregate.ofRacks(columns, metric, nowNanos), values);
    }

    void put(ToDoubleFunction<Aggregate> value, String... stat) {
      racks.entrySet().stream()
          .limit(MOST_RACKS)
          .forEach(rack ->
              values.put(
                  new Series(family, labels(rack.getKey(), stat), false),
                  value.applyAsDouble(rack.getValue())));
    }

    private static List<String> labels(String rack, String... stat) {
      return Stream.concat(Stream.of(rack), Stream.of(stat)).toList();
    }
  }
}
