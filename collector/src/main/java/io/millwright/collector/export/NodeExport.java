package io.millwright.collector.export;

import io.millwright.collector.fleet.NodeState;
import io.millwright.protocol.vocabulary.Sample;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** What was taken of one node so far, so that nothing is told twice and what has ended is told. */
final class NodeExport {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final BitSet told = new BitSet();
  private SeriesKeys keys;
  private Source source;
  private Counters counters;
  private long toldMs = Long.MIN_VALUE;
  private long takenNanos;

  NodeExport(Source source, SeriesKeys first) {
    this.source = source;
    this.keys = first;
    this.counters = new Counters(first);
  }

  /**
   * Since when counters have counted, and what they said last; of no length where no sample says
   * it.
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares it
  private record Counters(long[] sinceMs, double[] last) {
    Counters(SeriesKeys of) {
      this(new long[of.count() ? of.size() : 0], new double[of.count() ? of.size() : 0]);
    }
  }

  /** Those of the node's newest sample that was taken. */
  SeriesKeys keys() {
    return keys;
  }

  /** Whose they are, as of the newest. */
  Source source() {
    return source;
  }

  /** Takes the samples of one series after the other. */
  interface Taker {
    void take(Point point);
  }

  /** When that which was taken last arrived, by the collector's wall clock. */
  long toldMs() {
    return toldMs;
  }

  /**
   * When the sample arrived that was taken then; it may be newer than the state it is in.
   *
   * @param taken monotonic time of the collector
   */
  private static long arrivedMs(NodeState node, long taken) {
    return node.arrivedWallMs() + (taken - node.arrivedNanos()) / NANOS_PER_MILLI;
  }

  /**
   * Whether a sample of then comes after what was taken last: by the collector's clock, which may
   * step back, and which may say two times of one sample.
   */
  private boolean newer(NodeState node, long taken) {
    boolean first = toldMs == Long.MIN_VALUE;
    return first || (taken != takenNanos && arrivedMs(node, taken) > toldMs);
  }

  /**
   * Takes a node's newest sample, and the end of each series that is no longer in it.
   *
   * @return whether it is newer than what was taken last; nothing is taken where it is not
   */
  boolean take(NodeState node, Encoding encoding, Taker taker) {
    if (!newer(node, node.sample().takenNanos())) {
      return false;
    }
    Sample sample = node.sample().sample();
    takenNanos = sample.takenNanos(); // newer still, it may be
    long at = arrivedMs(node, takenNanos);
    source = Source.of(node);
    if (!keys.fits(sample.table())) {
      changeTo(SeriesKeys.of(sample.table(), encoding), sample, at, taker);
    }
    for (int i = 0; i < keys.size(); i++) {
      byte[] of = keys.of(i);
      if (of.length == 0) {
        continue;
      }
      if (sample.measured(i)) {
        double value = sample.value(i);
        long since = keys.counts(i) ? since(i, value, at) : 0;
        taker.take(new Point(of, Double.doubleToRawLongBits(value), at, since));
        told.set(i);
      } else if (told.get(i)) {
        taker.take(new Point(of, Point.STALE, at, 0));
        told.clear(i);
      }
    }
    toldMs = at;
    return true;
  }

  /**
   * Since when a counter has counted, as far as one knows who only sees its values: since the first
   * that was seen, and where one is lower than the one before, since that (OpenTelemetry's data
   * model of metrics, "Cumulative streams: handling unknown start time").
   */
  private long since(int index, double value, long at) {
    if (!told.get(index)) {
      counters.sinceMs[index] = at;
    } else if (value < counters.last[index]) {
      counters.sinceMs[index] = toldMs;
    }
    counters.last[index] = value;
    return counters.sinceMs[index];
  }

  /** Series that the new table does not have, or does not measure, have ended. */
  private void changeTo(SeriesKeys next, Sample sample, long at, Taker taker) {
    Map<ByteBuffer, Integer> places = new HashMap<>();
    for (int i = 0; i < next.size(); i++) {
      if (next.of(i).length > 0) {
        places.put(ByteBuffer.wrap(next.of(i)), i);
      }
    }
    BitSet still = new BitSet();
    Counters moved = new Counters(next);
    for (int i = told.nextSetBit(0); i >= 0; i = told.nextSetBit(i + 1)) {
      Integer place = places.get(ByteBuffer.wrap(keys.of(i)));
      if (place == null || !sample.measured(place)) {
        taker.take(new Point(keys.of(i), Point.STALE, at, 0));
        continue;
      }
      still.set(place);
      if (keys.counts(i)) {
        moved.sinceMs[place] = counters.sinceMs[i];
        moved.last[place] = counters.last[i];
      }
    }
    told.clear();
    told.or(still);
    keys = next;
    counters = moved;
  }

  /** The node is not heard any more: all its series have ended. */
  void end(long nowMs, Taker taker) {
    long at = Math.max(nowMs, toldMs + 1);
    for (int i = told.nextSetBit(0); i >= 0; i = told.nextSetBit(i + 1)) {
      taker.take(new Point(keys.of(i), Point.STALE, at, 0));
    }
    told.clear();
    toldMs = at;
  }
}
