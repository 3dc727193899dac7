package io.millwright.agent.page;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/** What no snapshot may hold, so that rendering it fails. */
final class Histograms {
  private Histograms() {}

  static Sample sample() {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.AGENT_SCRAPE_DURATION_SECONDS, "n1"));
    return new Readings(table.build()).sample();
  }
}
