package io.millwright.collector.remotewrite;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * The labels of each series of one table, as they stand in a request: fields 1 of a TimeSeries,
 * sorted by name, without those whose value is empty. Made once for each table.
 *
 * <p>Of two series with the same labels the second has none and is not sent, as on a page.
 */
final class Labels {
  private static final byte[] NONE = new byte[0];

  private final SeriesTable table;
  private final List<byte[]> encoded;

  private Labels(SeriesTable table, List<byte[]> encoded) {
    this.table = table;
    this.encoded = encoded;
  }

  /**
   * @param external labels of the site, which give way to those of a series
   */
  static Labels of(SeriesTable table, Map<String, String> external) {
    return new Labels(table, encoded(table.size(), i -> Optional.of(table.series(i)), external));
  }

  /**
   * The same of so many series, empty for those that are not known.
   *
   * @param external labels of the site, which give way to those of a series
   */
  static List<byte[]> encoded(
      int size, IntFunction<Optional<Series>> series, Map<String, String> external) {
    List<byte[]> encoded = new ArrayList<>(size);
    Set<ByteBuffer> seen = new HashSet<>();
    for (int i = 0; i < size; i++) {
      byte[] labels =
          series
              .apply(i)
              .filter(one -> one.metric().kind() != Metric.Kind.HISTOGRAM)
              .map(one -> encoded(one, external))
              .orElse(NONE);
      encoded.add(seen.add(ByteBuffer.wrap(labels)) ? labels : NONE);
    }
    return encoded;
  }

  /** The same list, with the arrays of this one where they are equal. */
  List<byte[]> share(List<byte[]> others) {
    Map<ByteBuffer, byte[]> known = new HashMap<>();
    encoded.forEach(labels -> known.put(ByteBuffer.wrap(labels), labels));
    return others.stream()
        .map(labels -> known.getOrDefault(ByteBuffer.wrap(labels), labels))
        .toList();
  }

  private static byte[] encoded(Series series, Map<String, String> external) {
    SortedMap<String, String> labels = new TreeMap<>(external);
    List<String> names = series.metric().labels();
    for (int i = 0; i < names.size(); i++) {
      labels.put(names.get(i), series.labelValues().get(i));
    }
    if (series.simulated()) {
      labels.put("simulated", "true");
    }
    labels.put("__name__", series.metric().familyName());
    Proto proto = new Proto(256);
    labels.forEach((name, value) -> {
      if (!value.isEmpty()) {
        Proto label = new Proto(128);
        label.text(1, name);
        label.text(2, value);
        proto.message(1, label);
      }
    });
    return proto.bytes();
  }

  boolean fits(SeriesTable other) {
    return table == other;
  }

  int size() {
    return encoded.size();
  }

  /** Of the series of this index; empty where it is never sent. */
  byte[] of(int index) {
    return encoded.get(index);
  }
}
