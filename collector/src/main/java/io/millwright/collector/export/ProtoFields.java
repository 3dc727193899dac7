package io.millwright.collector.export;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The fields of one message in the encoding of Protocol Buffers, the last where one comes several
 * times. What is no such message has no fields.
 */
final class ProtoFields {
  private static final int LONGEST_VARINT = 10;

  private final Map<Integer, Long> numbers = new HashMap<>();
  private final Map<Integer, ByteBuffer> texts = new HashMap<>();

  ProtoFields(byte[] message) {
    this(ByteBuffer.wrap(message));
  }

  private ProtoFields(ByteBuffer message) {
    if (!read(message.slice())) {
      numbers.clear();
      texts.clear();
    }
  }

  /** Whether it was one. */
  private boolean read(ByteBuffer from) {
    while (from.hasRemaining()) {
      OptionalLong tag = varint(from);
      if (tag.isEmpty() || tag.getAsLong() < 8 || tag.getAsLong() > Integer.MAX_VALUE) {
        return false;
      }
      int field = (int) (tag.getAsLong() >>> 3);
      boolean read =
          switch ((int) (tag.getAsLong() & 7)) {
            case 0 -> number(field, from);
            case 1 -> skip(from, Long.BYTES);
            case 2 -> part(field, from);
            case 5 -> skip(from, Integer.BYTES);
            default -> false;
          };
      if (!read) {
        return false;
      }
    }
    return true;
  }

  private boolean number(int field, ByteBuffer from) {
    OptionalLong number = varint(from);
    number.ifPresent(value -> numbers.put(field, value));
    return number.isPresent();
  }

  private boolean part(int field, ByteBuffer from) {
    long length = varint(from).orElse(-1);
    if (length < 0 || length > from.remaining()) {
      return false;
    }
    texts.put(field, from.slice(from.position(), (int) length));
    return skip(from, (int) length);
  }

  private static boolean skip(ByteBuffer from, int bytes) {
    if (from.remaining() < bytes) {
      return false;
    }
    from.position(from.position() + bytes);
    return true;
  }

  private static OptionalLong varint(ByteBuffer from) {
    long value = 0;
    for (int i = 0; i < LONGEST_VARINT && from.hasRemaining(); i++) {
      byte next = from.get();
      value |= (long) (next & 0x7f) << (7 * i);
      if (next >= 0) {
        return OptionalLong.of(value);
      }
    }
    return OptionalLong.empty();
  }

  OptionalLong number(int field) {
    Long number = numbers.get(field);
    return number == null ? OptionalLong.empty() : OptionalLong.of(number);
  }

  /** Empty where it is not there, or is not UTF-8. */
  Optional<String> text(int field) {
    ByteBuffer text = texts.get(field);
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(text.slice()).toString());
    } catch (CharacterCodingException _) {
      return Optional.empty();
    }
  }

  Optional<ProtoFields> message(int field) {
    return Optional.ofNullable(texts.get(field)).map(ProtoFields::new);
  }
}
