package io.millwright.protocol.frames;

/** What a {@link FrameReader} finds in the bytes received so far. */
public sealed interface Inbound permits Decoded, Incomplete {}
