package io.millwright.protocol.frames;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Changes bytes where formats break: lengths, counts, numbers, texts, ends. From a seed. */
final class Mutator {
  private static final int MOST_EDITS = 4;
  private static final int LONGEST_PIECE = 40;
  private static final byte[] NONE = {};

  /** The bounds of the protocol and of Java's numbers, and what stands beside them. */
  private static final long[] NUMBERS = {
    0,
    1,
    2,
    -1,
    127,
    128,
    255,
    256,
    4095,
    4096,
    4097,
    32_767,
    32_768,
    32_769,
    59_999,
    60_000,
    60_001,
    65_535,
    65_536,
    1_000_000,
    1_000_001,
    Integer.MAX_VALUE,
    1L << 31,
    (1L << 32) - 1,
    1L << 53,
    (1L << 53) + 1,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final String[] WORDS = {
    "null",
    "true",
    "{}",
    "[]",
    "[",
    "{\"",
    "\"",
    "\\u0000",
    "\\ud800",
    "-1",
    "1e999",
    "-0.0",
    ",",
    ":",
    "0",
    "9223372036854775808",
    "[[[[[[[[[[[[[[[[[",
    "{\"job\":",
    "\n",
    "\u0000",
    "é",
    "😀",
    "NaN",
    "ended",
    "exit(7)",
    "failed",
    "\"run\":1,"
  };

  private final SplittableRandom random;

  Mutator(SplittableRandom random) {
    this.random = random;
  }

  /**
   * A changed copy.
   *
   * @param from bytes before this one stay
   * @param other whose pieces may be taken
   */
  byte[] mutated(byte[] seed, int from, byte[] other) {
    byte[] bytes = seed;
    for (int edits = 1 + random.nextInt(MOST_EDITS); edits > 0; edits--) {
      bytes = edited(bytes, from, other);
    }
    return bytes;
  }

  private byte[] edited(byte[] bytes, int from, byte[] other) {
    int start = Math.min(from, bytes.length);
    int at = start + random.nextInt(bytes.length - start + 1);
    int rest = bytes.length - at;
    int piece = Math.min(rest, random.nextInt(LONGEST_PIECE));
    return switch (random.nextInt(11)) {
      case 0 -> rest == 0 ? bytes : replaced(bytes, at, 1, flipped(bytes[at]));
      case 1 -> rest == 0 ? bytes : replaced(bytes, at, 1, new byte[] {(byte) number()});
      case 2 -> number(bytes, at, 1 << random.nextInt(4));
      case 3 -> Arrays.copyOf(bytes, at);
      case 4 -> replaced(bytes, at, 0, noise(piece));
      case 5 -> replaced(bytes, at, piece, NONE);
      case 6 -> replaced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + piece));
      case 7 -> replaced(bytes, at, piece, pieceOf(other));
      case 8 -> replaced(bytes, at, Math.min(rest, 1), varint());
      case 9 -> replaced(bytes, at, piece / 4, word());
      default -> digits(bytes, at);
    };
  }

  private byte[] flipped(byte b) {
    return new byte[] {(byte) (b ^ 1 << random.nextInt(8))};
  }

  private long number() {
    return NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private byte[] number(byte[] bytes, int at, int width) {
    byte[] wide = ByteBuffer.allocate(Long.BYTES).putLong(number()).array();
    byte[] number = Arrays.copyOfRange(wide, Long.BYTES - width, Long.BYTES);
    return replaced(bytes, at, Math.min(bytes.length - at, width), number);
  }

  private byte[] noise(int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }

  private byte[] pieceOf(byte[] other) {
    int at = random.nextInt(other.length + 1);
    return Arrays.copyOfRange(other, at, Math.min(other.length, at + LONGEST_PIECE));
  }

  /** A long one, one that does not end, or one of more bits than there are. */
  private byte[] varint() {
    byte[] varint = new byte[1 + random.nextInt(11)];
    Arrays.fill(varint, (byte) (random.nextBoolean() ? 0xff : 0x80));
    varint[varint.length - 1] = (byte) random.nextInt(256);
    return varint;
  }

  private byte[] word() {
    return WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.UTF_8);
  }

  /** The next number that is written in digits becomes another. */
  private byte[] digits(byte[] bytes, int at) {
    int start = at;
    while (start < bytes.length && !digit(bytes[start])) {
      start++;
    }
    int end = start;
    while (end < bytes.length && digit(bytes[end])) {
      end++;
    }
    byte[] other = Long.toString(number()).getBytes(StandardCharsets.UTF_8);
    return start == end ? bytes : replaced(bytes, start, end - start, other);
  }

  private static boolean digit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static byte[] replaced(byte[] bytes, int at, int removed, byte[] with) {
    byte[] next = new byte[bytes.length - removed + with.length];
    System.arraycopy(bytes, 0, next, 0, at);
    System.arraycopy(with, 0, next, at, with.length);
    int rest = at + removed;
    System.arraycopy(bytes, rest, next, at + with.length, bytes.length - rest);
    return next;
  }
}
