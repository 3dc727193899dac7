package io.millwright.collector.ingest;

import io.millwright.protocol.frames.Moment;
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
 */
public interface LateSink {
  /** Drops them; they are counted all the same. */
  LateSink NONE = (node, at, taken, schema, row) -> {};

  /**
   * On the thread {@code ingest}; must not wait.
   *
   * @param at which sample of the node
   * @param taken when, by the agent's clocks
   * @param schema whose series the row has
   * @param row changed after the call: copy what must outlive it
   */
  void late(String node, Position at, Moment taken, SeriesSchema schema, Row row);
}
