package io.millwright.protocol.frames;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads fields off bytes, big-endian. What is not there, too long or no text is refused by one
 * {@link IllegalArgumentException} that names the field; nothing is allocated before its length was
 * found to be there.
 */
final class WireInput {
  private static final int LAST_SHIFT = 63;

  private final ByteBuffer bytes;

  WireInput(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  int remaining() {
    return bytes.remaining();
  }

  int u8(String field) {
    return Byte.toUnsignedInt(need(field, Byte.BYTES).get());
  }

  int u16(String field) {
    return Short.toUnsignedInt(need(field, Short.BYTES).getShort());
  }

  long u32(String field) {
    return Integer.toUnsignedLong(need(field, Integer.BYTES).getInt());
  }

  long i64(String field) {
    return need(field, Long.BYTES).getLong();
  }

  double f64(String field) {
    return Double.longBitsToDouble(i64(field));
  }

  UUID uuid(String field) {
    need(field, 2 * Long.BYTES);
    return new UUID(bytes.getLong(), bytes.getLong());
  }

  Hash128 hash(String field) {
    need(field, 2 * Long.BYTES);
    return new Hash128(bytes.getLong(), bytes.getLong());
  }

  /** Seven bits a byte, the lowest first; a set top bit says that more follow. */
  long varint(String field) {
    long value = 0;
    for (int shift = 0; shift <= LAST_SHIFT; shift += 7) {
      int next = u8(field);
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return lastOf(field, next, shift, value);
      }
    }
    throw Bounds.refused(field, "a number of more than 10 bytes", "at most 64 bits");
  }

  private static long lastOf(String field, int last, int shift, long value) {
    if (shift == LAST_SHIFT && last > 1) {
      throw Bounds.refused(field, "a number of more than 64 bits", "at most 64 bits");
    }
    return value;
  }

  /** A varint whose sign is its lowest bit. */
  long zigzag(String field) {
    long value = varint(field);
    return (value >>> 1) ^ -(value & 1);
  }

  /** A count or length in a varint. */
  int count(String field, int most) {
    long value = varint(field);
    if (value < 0 || value > most) {
      throw Bounds.refused(field, Long.toUnsignedString(value), "at most " + most);
    }
    return (int) value;
  }

  /** A length in two bytes, then UTF-8. */
  String text(String field) {
    return text(field, u16(field));
  }

  String text(String field, int length) {
    ByteBuffer encoded = slice(field, length);
    try {
      CharBuffer decoded =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(encoded);
      return decoded.toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(field + ": these bytes are no UTF-8", e);
    }
  }

  /** A length in four bytes, then so many bytes. */
  Payload payload(String field, int most) {
    long length = u32(field);
    Bounds.between(field + " bytes", length, 0, most);
    return payloadOf(field, (int) length);
  }

  Payload payloadOf(String field, int length) {
    need(field, length);
    byte[] copy = new byte[length];
    bytes.get(copy);
    return Payload.owning(copy);
  }

  /** The next bytes, in place. */
  ByteBuffer slice(String field, int length) {
    need(field, length);
    ByteBuffer slice = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    return slice;
  }

  private ByteBuffer need(String field, int length) {
    if (bytes.remaining() < length) {
      throw new IllegalArgumentException(
          "%s: %d bytes are wanted, %d are left".formatted(field, length, bytes.remaining()));
    }
    return bytes;
  }
}
