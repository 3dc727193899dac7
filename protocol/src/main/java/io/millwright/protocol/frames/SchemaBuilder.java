package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects series; each label value and each family stands in its table once. */
final class SchemaBuilder {
  /** Three counts. */
  private static final int MOST_OF_COUNTS = 9;

  /** Number of the family, flags, scale; and the family in its table, should it be new. */
  private static final int MOST_OF_A_SERIES = 8;

  private static final int MOST_OF_A_REFERENCE = 3;
  private static final int MOST_OF_A_LENGTH = 2;

  private final Map<String, Integer> labels = new LinkedHashMap<>();
  private final Map<SchemaFamily, Integer> families = new LinkedHashMap<>();
  private final List<SchemaColumn> columns = new ArrayList<>();
  private int mostBytes = MOST_OF_COUNTS;

  /** Whether one more series fits into a schema. */
  boolean fits(Series series) {
    return columns.size() < SeriesSchema.MOST_SERIES
        && labels.size() + series.labelValues().size() <= SchemaContent.MOST_LABELS
        && mostBytes + bytes(series) <= SeriesSchema.LARGEST;
  }

  void add(Series series) {
    add(series, DecimalScale.of(series.metric()));
  }

  /**
   * @throws IllegalArgumentException where it does not fit, or has no single value
   */
  void add(Series series, int scale) {
    Metric metric = series.metric();
    if (metric.kind() == Metric.Kind.HISTOGRAM) {
      throw new IllegalArgumentException(metric + " is a histogram: it has no single value");
    }
    if (!fits(series)) {
      throw new IllegalArgumentException(
          "a schema holds at most %d series and %d bytes; %s is beyond"
              .formatted(SeriesSchema.MOST_SERIES, SeriesSchema.LARGEST, series));
    }
    mostBytes += bytes(series);
    SchemaFamily family = new SchemaFamily(metric.code(), series.labelValues().size());
    columns.add(
        new SchemaColumn(
            number(families, family),
            series.simulated(),
            scale,
            series.labelValues().stream().map(value -> number(labels, value)).toList()));
  }

  private int bytes(Series series) {
    int bytes = MOST_OF_A_SERIES + MOST_OF_A_REFERENCE * series.labelValues().size();
    for (String value : series.labelValues()) {
      if (!labels.containsKey(value)) {
        bytes += MOST_OF_A_LENGTH + value.getBytes(StandardCharsets.UTF_8).length;
      }
    }
    return bytes;
  }

  private static <T> int number(Map<T, Integer> table, T entry) {
    int next = table.size();
    Integer known = table.putIfAbsent(entry, next);
    return known == null ? next : known;
  }

  SeriesSchema build() {
    List<String> labelTable = List.copyOf(labels.keySet());
    List<SchemaFamily> familyTable = List.copyOf(families.keySet());
    WireOutput content = new WireOutput(columns.size() * 16 + 256);
    SchemaShape shape = new SchemaShape(familyTable, new SchemaColumns(columns));
    SchemaContent.write(labelTable, shape, content);
    return new SeriesSchema(labelTable, shape, Hash128.of(content.array(), content.length()));
  }
}
