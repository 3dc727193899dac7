package io.millwright.protocol.frames;

/**
 * A frame of a kind that this version does not know. A newer version sends it; it is counted and
 * ignored.
 */
public record UnknownFrame(int code) implements Decoded {}
