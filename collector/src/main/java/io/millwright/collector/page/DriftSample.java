package io.millwright.collector.page;

import io.millwright.collector.drift.Difference;
import io.millwright.collector.drift.DriftDesk;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.LinkedHashMap;
import java.util.Map;

/** Differences of driver and firmware by node, as readings of the catalogue's families. */
public final class DriftSample {
  private DriftSample() {}

  public static Sample of(DriftDesk desk) {
    Map<Series, Double> values = new LinkedHashMap<>();
    for (String node : desk.compared()) {
      for (Difference.Against against : Difference.Against.values()) {
        values.put(series(node, against), 0.0);
      }
    }
    for (Difference one : desk.differences()) {
      values.merge(series(one.node(), one.against()), 1.0, Double::sum);
    }
    desk.file()
        .ifPresent(file ->
            values.put(
                Series.of(Metric.COLLECTOR_DESIRED_SET_VALID),
                file.trouble().isEmpty() ? 1.0 : 0.0));
    return FleetSample.sample(values);
  }

  private static Series series(String node, Difference.Against against) {
    return Series.of(Metric.NODE_FIRMWARE_DRIFT, node, against.word());
  }
}
