package io.millwright.collector.late;

import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;

/**
 * Takes samples that came late, from agents' spools: for history and export. The present and the
 * alerts never see them.
 *
 * <p>Each position comes once while this collector runs; after a restart of it, those may come
 * again that were under way when it ended. A node's come neither in the order of time nor one
 * incarnation after the other.
 *
 * <p><i>Threading:</i> all on the thread {@code ingest}, which must not wait. <i>Failure:</i> none;
 * what a sink cannot take it counts.
 */
public interface LateSink {
  /** Drops them; they are counted all the same. */
  LateSink NONE = (node, schema) -> (at, takenMs, aheadMs, row) -> {};

  /**
   * A session has told a schema of late samples.
   *
   * @return takes those that follow, until another schema is told or the session ends
   */
  Chain begin(String node, SeriesSchema schema);

  /** Takes the samples of one node and one schema. */
  interface Chain {
    /**
     * @param at which sample of the node
     * @param takenMs when, by the node's wall clock as it is set now
     * @param aheadMs how far that clock is ahead of ours now
     * @param row changed after the call: copy what must outlive it
     */
    void take(Position at, long takenMs, long aheadMs, Row row);
  }

  /** This one first, then the other. */
  default LateSink and(LateSink other) {
    return (node, schema) -> {
      Chain first = begin(node, schema);
      Chain second = other.begin(node, schema);
      return (at, takenMs, aheadMs, row) -> {
        first.take(at, takenMs, aheadMs, row);
        second.take(at, takenMs, aheadMs, row);
      };
    };
  }
}
