package io.millwright.protocol.frames;

import java.nio.ByteBuffer;

/**
 * Turns frames into bytes, one behind the other.
 *
 * <p><i>Lifecycle:</i> {@link #clear()}, write, take {@link #written()}. It grows to the most
 * written to it and stays there. <i>Threading:</i> one owner thread. <i>Failure:</i> none: a frame
 * that exists can be written.
 */
public final class FrameWriter {
  private final WireOutput out;
  private final BodyWriter bodies;

  public FrameWriter(int initialCapacity) {
    out = new WireOutput(initialCapacity);
    bodies = new BodyWriter(out);
  }

  /** The bytes of this one frame. */
  public static byte[] encode(Frame frame) {
    FrameWriter writer = new FrameWriter(256);
    writer.write(frame);
    byte[] bytes = new byte[writer.length()];
    writer.written().get(bytes);
    return bytes;
  }

  /**
   * Marks the bytes of a KEY, DELTA or SCHEMA frame as coming from the spool, in place.
   *
   * @param frame from its length on
   */
  public static void markBackfill(ByteBuffer frame) {
    int flags = frame.position() + Integer.BYTES + Byte.BYTES;
    frame.put(flags, (byte) (frame.get(flags) | Flags.BACKFILL));
  }

  /** A copy of all frames since {@link #clear()}, each marked as coming from the spool. */
  public byte[] backfill() {
    byte[] frames = new byte[length()];
    written().get(frames);
    ByteBuffer buffer = ByteBuffer.wrap(frames);
    while (buffer.hasRemaining()) {
      markBackfill(buffer);
      buffer.position(buffer.position() + Integer.BYTES + buffer.getInt(buffer.position()));
    }
    return frames;
  }

  /** Forgets what was written and keeps the room. */
  public void clear() {
    out.cut(0);
  }

  public int length() {
    return out.length();
  }

  /** All frames since {@link #clear()}, in place and read-only: copy what must outlive it. */
  public ByteBuffer written() {
    return out.written().asReadOnlyBuffer();
  }

  public void write(Frame frame) {
    int start = begin(frame.type(), Flags.of(frame));
    bodies.write(frame);
    end(start);
  }

  WireOutput out() {
    return out;
  }

  BodyWriter bodies() {
    return bodies;
  }

  /** Begins a frame; returns where. */
  int begin(FrameType type, int flags) {
    int start = out.zeros(Integer.BYTES);
    out.u8(type.code());
    out.u8(flags);
    return start;
  }

  void end(int start) {
    out.setU32(start, out.length() - start - Integer.BYTES);
  }
}
