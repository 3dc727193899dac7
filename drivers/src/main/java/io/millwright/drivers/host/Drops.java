package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.EnumMap;
import java.util.Map;

/**
 * How many series of each family a source left out because there were more than it shows. A family
 * of which none was left out has no series here.
 */
final class Drops implements Section {
  private final String node;
  private final Cadence cadence;
  private final Map<Metric, Long> dropped = new EnumMap<>(Metric.class);
  private int declared;
  private int first;

  /**
   * @param cadence how often it is told; the last section of its source
   */
  Drops(String node, Cadence cadence) {
    this.node = node;
    this.cadence = cadence;
  }

  /** So many more series of a family were left out. */
  void add(Metric family, long series) {
    dropped.merge(family, series, Long::sum);
  }

  @Override
  public Cadence cadence() {
    return cadence;
  }

  @Override
  public boolean load() {
    return dropped.size() != declared;
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    first = table.size();
    declared = dropped.size();
    for (Metric family : dropped.keySet()) {
      table.add(cadence, Series.of(Metric.AGENT_SERIES_DROPPED_TOTAL, node, family.familyName()));
    }
  }

  @Override
  public Round write(Readings readings) {
    if (dropped.isEmpty()) {
      return Round.ABSENT;
    }
    int index = first;
    for (long series : dropped.values()) {
      readings.measured(index, (double) series);
      index++;
    }
    return Round.ABSENT; // says nothing of the host
  }
}
