package io.millwright.agent.records;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/**
 * The bytes around a record.
 *
 * <pre>
 * record := mark(4) length(4) crc32c(4, of sequence and body) sequence(8) body(length)
 * </pre>
 *
 * A JSON body holds no zero byte, so no record can hide inside another. A body of another kind may
 * hold one, which is found only where the record around it is damaged: its reader must know it by
 * more than that it is whole.
 */
public final class Framing {
  public static final int LARGEST_BODY = 1 << 20;

  private static final int MARK = 0x4D57_52A5;

  /** Bytes before a body. */
  public static final int PREFIX = 4 + 4 + 4 + 8;

  private Framing() {}

  /**
   * A record that is whole.
   *
   * @param from the first byte of its body
   * @param end the first byte behind it
   */
  public record Piece(long sequence, int from, int end) {
    public byte[] body(byte[] bytes) {
      return Arrays.copyOfRange(bytes, from, end);
    }
  }

  /** The bytes of a record. */
  public static ByteBuffer record(long sequence, byte[] body) {
    if (body.length > LARGEST_BODY) {
      throw new IllegalArgumentException("an entry of %d bytes".formatted(body.length));
    }
    ByteBuffer bytes = ByteBuffer.allocate(PREFIX + body.length);
    bytes.putInt(MARK).putInt(body.length).putInt(checksum(sequence, body));
    return bytes.putLong(sequence).put(body).flip();
  }

  private static int checksum(long sequence, byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(sequence).flip());
    crc.update(body, 0, body.length);
    return (int) crc.getValue();
  }

  /** The record that begins there, if it is whole. */
  public static Optional<Piece> piece(byte[] bytes, int at) {
    if (bytes.length - at < PREFIX) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, at, bytes.length - at);
    int mark = in.getInt();
    int length = in.getInt();
    int crc = in.getInt();
    if (mark != MARK || length < 1 || length > LARGEST_BODY || length > in.remaining() - 8) {
      return Optional.empty();
    }
    long sequence = in.getLong();
    byte[] body = new byte[length];
    in.get(body);
    return checksum(sequence, body) == crc
        ? Optional.of(new Piece(sequence, at + PREFIX, at + PREFIX + length))
        : Optional.empty();
  }

  /**
   * How many bytes the record takes that begins there, whole or not; empty where none does.
   *
   * @param end behind the last byte that was read
   */
  public static OptionalInt length(byte[] bytes, int at, int end) {
    if (end - at < PREFIX) {
      return OptionalInt.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, at, PREFIX);
    int mark = in.getInt();
    int length = in.getInt();
    return mark == MARK && length >= 1 && length <= LARGEST_BODY
        ? OptionalInt.of(PREFIX + length)
        : OptionalInt.empty();
  }

  /**
   * Where the next whole record begins behind what is damaged; damage without one is a torn end.
   */
  public static OptionalInt next(byte[] bytes, int damaged) {
    for (int at = damaged + 1; at < bytes.length; at++) {
      if (piece(bytes, at).isPresent()) {
        return OptionalInt.of(at);
      }
    }
    return OptionalInt.empty();
  }
}
