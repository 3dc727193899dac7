package io.millwright.agent.spool;

import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.SeriesSchema;

/**
 * A sample that the collector has not got.
 *
 * @param at which
 * @param wallMillis when it was taken, ms since 1970
 * @param schema of its values
 * @param frames a KEY for each block of the schema, marked as backfill
 */
public record KeptSample(Position at, long wallMillis, SeriesSchema schema, Payload frames) {}
