package io.millwright.collector.page;

import io.millwright.collector.audit.WitnessDesk;
import io.millwright.collector.grants.GrantsFile;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.LinkedHashMap;
import java.util.Map;

/** What nodes have kept of the audit log, what it has no room for, and who may run as whom. */
public final class WitnessSample {
  private WitnessSample() {}

  /**
   * @param leftOut refusals of jobs that the log has no entry of
   */
  public static Sample of(WitnessDesk desk, long leftOut, GrantsFile grants) {
    Map<Series, Double> values = new LinkedHashMap<>();
    desk.counts()
        .forEach((verdict, nodes) ->
            values.put(Series.of(Metric.COLLECTOR_AUDIT_WITNESS_NODES, verdict), (double) nodes));
    values.put(Series.of(Metric.COLLECTOR_AUDIT_LEFT_OUT_TOTAL), (double) leftOut);
    if (grants.there()) {
      values.put(Series.of(Metric.COLLECTOR_GRANTS_VALID), grants.trouble().isEmpty() ? 1.0 : 0.0);
    }
    return FleetSample.sample(values);
  }
}
