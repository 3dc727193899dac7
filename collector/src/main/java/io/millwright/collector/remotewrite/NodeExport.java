package io.millwright.collector.remotewrite;

import io.millwright.collector.fleet.NodeState;
import io.millwright.protocol.vocabulary.Sample;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** What was taken of one node so far, so that nothing is told twice and what has ended is told. */
final class NodeExport {
  private Labels labels;
  private final BitSet told = new BitSet();
  private long toldMs = Long.MIN_VALUE;

  NodeExport(Labels first) {
    labels = first;
  }

  /** Those of the node's newest sample that was taken. */
  Labels labels() {
    return labels;
  }

  /** Takes the samples of one series after the other. */
  interface Taker {
    /**
     * @param bits of the value
     */
    void take(byte[] labels, long bits, long wallMs);
  }

  /** Whether this came after what was taken last; by the collector's clock, which may step back. */
  boolean newer(NodeState node) {
    return node.arrivedWallMs() > toldMs;
  }

  /** Takes a node's newest sample, and the end of each series that is no longer in it. */
  void take(NodeState node, Map<String, String> external, Taker taker) {
    long at = node.arrivedWallMs();
    Sample sample = node.sample().sample();
    if (!labels.fits(sample.table())) {
      changeTo(Labels.of(sample.table(), external), sample, at, taker);
    }
    for (int i = 0; i < labels.size(); i++) {
      byte[] of = labels.of(i);
      if (of.length == 0) {
        continue;
      }
      if (sample.measured(i)) {
        taker.take(of, Double.doubleToRawLongBits(sample.value(i)), at);
        told.set(i);
      } else if (told.get(i)) {
        taker.take(of, WriteRequest.STALE, at);
        told.clear(i);
      }
    }
    toldMs = at;
  }

  /** Series that the new table does not have, or does not measure, have ended. */
  private void changeTo(Labels next, Sample sample, long at, Taker taker) {
    Map<ByteBuffer, Integer> places = new HashMap<>();
    for (int i = 0; i < next.size(); i++) {
      if (next.of(i).length > 0) {
        places.put(ByteBuffer.wrap(next.of(i)), i);
      }
    }
    BitSet still = new BitSet();
    for (int i = told.nextSetBit(0); i >= 0; i = told.nextSetBit(i + 1)) {
      Integer place = places.get(ByteBuffer.wrap(labels.of(i)));
      if (place == null || !sample.measured(place)) {
        taker.take(labels.of(i), WriteRequest.STALE, at);
      } else {
        still.set(place);
      }
    }
    told.clear();
    told.or(still);
    labels = next;
  }

  /** The node is not heard any more: all its series have ended. */
  void end(long nowMs, Taker taker) {
    long at = Math.max(nowMs, toldMs + 1);
    for (int i = told.nextSetBit(0); i >= 0; i = told.nextSetBit(i + 1)) {
      taker.take(labels.of(i), WriteRequest.STALE, at);
    }
    told.clear();
    toldMs = at;
  }
}
