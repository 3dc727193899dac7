package io.millwright.collector.page;

import io.millwright.collector.audit.WitnessDesk;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.LinkedHashMap;
import java.util.Map;

/** What nodes have kept of the audit log. */
public final class WitnessSample {
  private WitnessSample() {}

  public static Sample of(WitnessDesk desk) {
    Map<Series, Double> values = new LinkedHashMap<>();
    desk.counts()
        .forEach((verdict, nodes) ->
            values.put(Series.of(Metric.COLLECTOR_AUDIT_WITNESS_NODES, verdict), (double) nodes));
    return FleetSample.sample(values);
  }
}
