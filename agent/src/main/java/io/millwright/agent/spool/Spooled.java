package io.millwright.agent.spool;

import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;

/**
 * A sample as it was read from a file, to be sent as it stands: behind its chain's KEY, and in the
 * order in which it was read.
 *
 * @param at which
 * @param place where it stands
 * @param schema of its values
 * @param schemaFrame SCHEMA where a chain begins here, else empty; to be sent where the collector
 *     was told another one last
 * @param frames KEY or DELTA, one for each block, marked as backfill
 * @param blocks how many frames they are
 */
public record Spooled(
    Position at, Place place, Hash128 schema, Payload schemaFrame, Payload frames, int blocks) {

  /**
   * Where a sample stands.
   *
   * @param segment number of the file
   * @param chain where its chain begins, bytes from the start of the file
   * @param chainIndex how many samples of the file are before the chain
   * @param chainMillis when the first of the chain was taken, ms since 1970
   * @param index how many samples of the file are before it
   * @param end behind its last byte
   */
  record Place(long segment, long chain, long chainIndex, long chainMillis, long index, long end) {}

  /** Whether it can be sent whatever was sent before. */
  public boolean beginsChain() {
    return schemaFrame.length() > 0;
  }

  /** Of the file that it is in. */
  public long segment() {
    return place.segment();
  }
}
