package io.millwright.collector.export;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * What a request says of each series of one table besides its samples. Made once for each table.
 *
 * <p>Of two series with the same key the second has none and is not sent, as on a page.
 */
final class SeriesKeys {
  private static final byte[] NONE = new byte[0];

  private final SeriesTable table;
  private final List<byte[]> keys;
  private final BitSet counters;

  private SeriesKeys(SeriesTable table, List<byte[]> keys, BitSet counters) {
    this.table = table;
    this.keys = keys;
    this.counters = counters;
  }

  static SeriesKeys of(SeriesTable table, Encoding encoding) {
    BitSet counters = new BitSet();
    for (int i = 0; i < table.size(); i++) {
      counters.set(i, encoding.counts(table.series(i).metric()));
    }
    List<byte[]> keys = of(table.size(), i -> Optional.of(table.series(i)), encoding);
    return new SeriesKeys(table, keys, counters);
  }

  /** The same of so many series, empty for those that are not known. */
  static List<byte[]> of(int size, IntFunction<Optional<Series>> series, Encoding encoding) {
    List<byte[]> keys = new ArrayList<>(size);
    Set<ByteBuffer> seen = new HashSet<>();
    for (int i = 0; i < size; i++) {
      byte[] key =
          series
              .apply(i)
              .filter(one -> one.metric().kind() != Metric.Kind.HISTOGRAM)
              .map(encoding::key)
              .orElse(NONE);
      keys.add(seen.add(ByteBuffer.wrap(key)) ? key : NONE);
    }
    return keys;
  }

  /** The same list, with the arrays of this one where they are equal. */
  List<byte[]> share(List<byte[]> others) {
    Map<ByteBuffer, byte[]> known = new HashMap<>();
    keys.forEach(key -> known.put(ByteBuffer.wrap(key), key));
    return others.stream().map(key -> known.getOrDefault(ByteBuffer.wrap(key), key)).toList();
  }

  boolean fits(SeriesTable other) {
    return table == other;
  }

  int size() {
    return keys.size();
  }

  /** Of the series of this index; empty where it is never sent. */
  byte[] of(int index) {
    return keys.get(index);
  }

  /** Whether its samples say since when it has counted. */
  boolean counts(int index) {
    return counters.get(index);
  }

  /** Whether any does. */
  boolean count() {
    return !counters.isEmpty();
  }
}
