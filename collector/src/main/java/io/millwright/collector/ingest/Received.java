package io.millwright.collector.ingest;

import io.millwright.protocol.frames.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Which samples of a node have come, as ranges of sequences by incarnation. Of bounded size: what
 * was forgotten counts as not come, so that nothing is taken for a duplicate that is none. One
 * owner thread.
 */
final class Received {
  static final int MOST_INCARNATIONS = 8;
  static final int MOST_RANGES = 64;

  /** First sequence of a range to its last; by incarnation, the one used last at the end. */
  private final SequencedMap<Long, TreeMap<Long, Long>> incarnations =
      new LinkedHashMap<>(4, 0.75f, true);

  /** Notes it; false where it was there. */
  boolean add(Position at) {
    TreeMap<Long, Long> ranges =
        incarnations.computeIfAbsent(at.incarnation(), first -> new TreeMap<>());
    if (incarnations.size() > MOST_INCARNATIONS) {
      incarnations.pollFirstEntry();
    }
    long sequence = at.sequence();
    Map.Entry<Long, Long> before = ranges.floorEntry(sequence);
    if (before != null && before.getValue() >= sequence) {
      return false;
    }
    long first = before != null && before.getValue() == sequence - 1 ? before.getKey() : sequence;
    Long last = ranges.remove(sequence + 1);
    ranges.put(first, last == null ? sequence : last);
    if (ranges.size() > MOST_RANGES) {
      ranges.pollFirstEntry();
    }
    return true;
  }
}
