package io.millwright.protocol.frames;

/** What the content of a SCHEMA frame turns out to be. */
public sealed interface DecodedSchema permits SeriesSchema, MalformedFrame {}
