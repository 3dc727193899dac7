/**
 * The session between agent and collector as bytes: its frames, and the samples in them. {@code
 * docs/protocol.md} holds the one table of frames with every number.
 *
 * <p>Any byte string decodes to a frame or to one malformed-frame value; lengths and counts are
 * bounded before anything is allocated. Bodies in JSON travel unread.
 *
 * <p>Pure: no I/O, no threads, no clocks, no logging; it imports the vocabulary only. What keeps
 * state (reader, writer, encoder, decoder, assembly) belongs to the one thread of its session. A
 * value that is absent has a code of its own in a sample, never a number; a sequence counts from 1,
 * and the water mark 0 stands before all.
 */
@NullMarked
package io.millwright.protocol.frames;

import org.jspecify.annotations.NullMarked;
