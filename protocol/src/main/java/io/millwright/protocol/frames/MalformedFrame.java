package io.millwright.protocol.frames;

/**
 * The one error of this room: bytes that are no frame, or a frame whose content contradicts itself
 * or what came before. The connection is to be closed.
 *
 * @param reason one sentence: field, what was given, what is allowed
 */
public record MalformedFrame(String reason) implements Decoded, DecodedSchema, SampleResult {}
