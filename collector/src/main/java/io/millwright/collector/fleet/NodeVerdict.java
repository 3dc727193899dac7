package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Optional;

/**
 * Finds in a node's series how its agent judges it.
 *
 * <p><i>Threading:</i> one owner thread.
 */
public final class NodeVerdict {
  private static final int STATE = 1;

  private final VerdictPlaces places = new VerdictPlaces();

  public NodeVerdict(SeriesTable table) {
    for (int i = 0; i < table.size(); i++) {
      Series series = table.series(i);
      if (series.metric() == Metric.NODE_HEALTH_STATE) {
        places.note(i, series.labelValues().get(STATE));
      }
    }
  }

  /** The verdict of a sample of this table; empty where the agent judges nothing. */
  public Optional<Verdict> of(Readout sample) {
    return places.of(sample);
  }
}
