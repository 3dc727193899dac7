package io.millwright.protocol.frames;

/** What the bytes of one whole frame turn out to be. */
public sealed interface Decoded extends Inbound permits Frame, UnknownFrame, MalformedFrame {}
