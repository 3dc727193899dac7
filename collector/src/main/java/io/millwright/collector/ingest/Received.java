package io.millwright.collector.ingest;

import io.millwright.collector.late.Ranges;
import io.millwright.protocol.frames.Position;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Which samples of a node have come, as ranges of sequences by incarnation. Of bounded size: what
 * was forgotten counts as not come, so that nothing is taken for a duplicate that is none. One
 * owner thread.
 */
final class Received {
  static final int MOST_INCARNATIONS = 8;
  static final int MOST_RANGES = 64;

  /** Sequences by incarnation, the one used last at the end. */
  private final SequencedMap<Long, Ranges> incarnations = new LinkedHashMap<>(4, 0.75f, true);

  /** Notes it; false where it was there. */
  boolean add(Position at) {
    Ranges sequences =
        incarnations.computeIfAbsent(at.incarnation(), first -> new Ranges(MOST_RANGES));
    if (incarnations.size() > MOST_INCARNATIONS) {
      incarnations.pollFirstEntry();
    }
    return sequences.add(at.sequence());
  }
}
