package io.millwright.protocol.frames;

/**
 * The frame has not arrived as a whole; nothing was consumed.
 *
 * @param bytes that must be there, from where the frame begins, before it is worth reading again
 */
public record Incomplete(int bytes) implements Inbound {}
