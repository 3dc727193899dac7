package io.millwright.collector.export;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Appends fields in the encoding of Protocol Buffers. */
final class Proto {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;

  private byte[] bytes;
  private int size;

  Proto(int capacity) {
    bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  byte[] array() {
    return bytes;
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, size);
  }

  void clear() {
    size = 0;
  }

  void text(int field, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    head(field, utf8.length);
    raw(utf8);
  }

  void message(int field, Proto message) {
    head(field, message.size);
    room(message.size);
    System.arraycopy(message.bytes, 0, bytes, size, message.size);
    size += message.size;
  }

  /** Tag and length of a field of so many bytes, which the caller appends. */
  void head(int field, int length) {
    varint((long) field << 3 | LENGTH);
    varint(length);
  }

  void raw(byte[] some) {
    room(some.length);
    System.arraycopy(some, 0, bytes, size, some.length);
    size += some.length;
  }

  /** The bits of a double, lowest byte first. */
  void fixed64(int field, long bits) {
    varint((long) field << 3 | FIXED64);
    room(Long.BYTES);
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[size + i] = (byte) (bits >>> (8 * i));
    }
    size += Long.BYTES;
  }

  void int64(int field, long value) {
    varint((long) field << 3 | VARINT);
    varint(value);
  }

  void varint(long value) {
    room(10);
    long left = value;
    while ((left & ~0x7fL) != 0) {
      bytes[size] = (byte) (left | 0x80);
      size++;
      left >>>= 7;
    }
    bytes[size] = (byte) left;
    size++;
  }

  static int varintSize(long value) {
    return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
    }
  }
}
