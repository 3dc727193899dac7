package io.millwright.collector.page;

import io.millwright.collector.acceptance.Standing;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** How far the acceptance of each node is, as readings of the catalogue's families. */
public final class AcceptanceSample {
  private AcceptanceSample() {}

  /**
   * @param standings by node
   */
  public static Sample of(Map<String, Standing> standings) {
    Map<Series, Double> values = new LinkedHashMap<>();
    new TreeMap<>(standings)
        .forEach((node, standing) -> {
          for (Standing.State state : Standing.State.values()) {
            values.put(
                Series.of(Metric.NODE_ACCEPTANCE_STATE, node, state.word()),
                state == standing.state() ? 1.0 : 0.0);
          }
        });
    return FleetSample.sample(values);
  }
}
