package io.millwright.protocol.frames;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Writes fields into bytes, big-endian. It grows to the most written to it and stays there. */
final class WireOutput {
  private static final int LONGEST_VARINT = 10;

  private ByteBuffer bytes;

  WireOutput(int initialCapacity) {
    bytes = ByteBuffer.allocate(initialCapacity);
  }

  int length() {
    return bytes.position();
  }

  /** Forgets what was written from here on. */
  void cut(int length) {
    bytes.position(length);
  }

  /** What was written, in place. */
  ByteBuffer written() {
    return bytes.duplicate().flip();
  }

  /** What holds it, from index 0. */
  byte[] array() {
    return bytes.array();
  }

  void u8(int value) {
    reserve(Byte.BYTES).put((byte) value);
  }

  void u16(int value) {
    reserve(Short.BYTES).putShort((short) value);
  }

  void u32(long value) {
    reserve(Integer.BYTES).putInt((int) value);
  }

  void i64(long value) {
    reserve(Long.BYTES).putLong(value);
  }

  void f64(double value) {
    i64(Double.doubleToRawLongBits(value));
  }

  void uuid(UUID value) {
    i64(value.getMostSignificantBits());
    i64(value.getLeastSignificantBits());
  }

  void hash(Hash128 value) {
    i64(value.high());
    i64(value.low());
  }

  void varint(long value) {
    reserve(LONGEST_VARINT);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    bytes.put((byte) rest);
  }

  void zigzag(long value) {
    varint((value << 1) ^ (value >> (Long.SIZE - 1)));
  }

  void text(String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    u16(encoded.length);
    raw(encoded);
  }

  void payload(Payload value) {
    u32(value.length());
    raw(value.shared());
  }

  void raw(byte[] value) {
    reserve(value.length).put(value);
  }

  /** Room of zero bytes, to be set later. */
  int zeros(int count) {
    int start = reserve(count).position();
    for (int i = 0; i < count; i++) {
      bytes.put((byte) 0);
    }
    return start;
  }

  void setBit(int start, int bit) {
    int index = start + (bit >>> 3);
    bytes.put(index, (byte) (bytes.get(index) | 1 << (bit & 7)));
  }

  void setU32(int index, int value) {
    bytes.putInt(index, value);
  }

  private ByteBuffer reserve(int more) {
    if (bytes.remaining() < more) {
      int wanted = Math.max(bytes.capacity() * 2, bytes.position() + more);
      bytes = ByteBuffer.allocate(wanted).put(bytes.flip());
    }
    return bytes;
  }
}
