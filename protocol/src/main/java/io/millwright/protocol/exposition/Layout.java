package io.millwright.protocol.exposition;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything of a page but the values. Valid for the very tables it was made of, in their order.
 */
final class Layout {
  private final List<SeriesTable> tables;
  private final List<Family> families;

  private Layout(List<SeriesTable> tables, List<Family> families) {
    this.tables = tables;
    this.families = families;
  }

  /**
   * @throws IllegalArgumentException where a histogram is among the series
   */
  static Layout of(List<Sample> samples) {
    Map<Metric, Family.Builder> families = new EnumMap<>(Metric.class);
    Set<ByteBuffer> seen = new HashSet<>();
    for (int sample = 0; sample < samples.size(); sample++) {
      SeriesTable table = samples.get(sample).table();
      for (int index = 0; index < table.size(); index++) {
        Series series = table.series(index);
        byte[] prefix = Family.prefix(series);
        if (seen.add(ByteBuffer.wrap(prefix))) {
          family(families, series.metric()).add(new Family.Slot(prefix, sample, index));
        }
      }
    }
    return new Layout(
        samples.stream().map(Sample::table).toList(),
        families.values().stream().map(Family.Builder::build).toList());
  }

  private static Family.Builder family(Map<Metric, Family.Builder> families, Metric metric) {
    if (metric.kind() == Metric.Kind.HISTOGRAM) {
      throw Headers.noSingleValue(metric);
    }
    return families.computeIfAbsent(metric, Family.Builder::new);
  }

  boolean fits(List<Sample> samples) {
    if (samples.size() != tables.size()) {
      return false;
    }
    for (int i = 0; i < tables.size(); i++) {
      if (samples.get(i).table() != tables.get(i)) {
        return false;
      }
    }
    return true;
  }

  List<Family> families() {
    return families;
  }
}
