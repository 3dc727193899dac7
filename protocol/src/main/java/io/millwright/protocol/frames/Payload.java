package io.millwright.protocol.frames;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that travel in a frame and are read elsewhere. Immutable; equal by content. */
public final class Payload {
  /** The longest body in JSON, and the longest part of one. */
  public static final int LONGEST_BODY = 60_000;

  public static final Payload EMPTY = new Payload(new byte[0]);

  private final byte[] bytes;

  private Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A copy of these bytes. */
  public static Payload of(byte... bytes) {
    return new Payload(bytes.clone());
  }

  /** A copy of the bytes from its position to its limit, which it keeps. */
  static Payload copyOf(ByteBuffer from) {
    byte[] copy = new byte[from.remaining()];
    from.get(from.position(), copy);
    return new Payload(copy);
  }

  /** UTF-8 of this text. */
  public static Payload ofText(String text) {
    return new Payload(text.getBytes(StandardCharsets.UTF_8));
  }

  /** These bytes, which nobody else holds. */
  static Payload owning(byte[] bytes) {
    return new Payload(bytes);
  }

  public int length() {
    return bytes.length;
  }

  /** All bytes, read-only; position and limit are the caller's own. */
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** A copy. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** The bytes as UTF-8; what is none shows as the replacement character. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  Payload part(int from, int to) {
    return new Payload(Arrays.copyOfRange(bytes, from, to));
  }

  /** Where nothing is copied: for reading within this room only. */
  byte[] shared() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Payload that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return bytes.length + " bytes";
  }
}
