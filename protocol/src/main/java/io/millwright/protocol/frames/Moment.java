package io.millwright.protocol.frames;

/**
 * One instant by both clocks of its sender.
 *
 * @param wallMillis since 1970, as the sender believes it to be
 * @param monotonicNanos of a clock that never jumps; its origin is the sender's own machine's
 */
public record Moment(long wallMillis, long monotonicNanos) {}
