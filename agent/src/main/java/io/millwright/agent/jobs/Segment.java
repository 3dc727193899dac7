package io.millwright.agent.jobs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The bytes of a segment: an eight-byte name of the format, then records.
 *
 * <pre>
 * record := mark(4) length(4) crc32c(4, of sequence and body) sequence(8) body(length, JSON)
 * </pre>
 *
 * The first record is the {@link Header}; sequences grow by one. A JSON body holds no zero byte, so
 * no record can hide inside another.
 */
final class Segment {
  static final byte[] NAME = {'M', 'W', 'J', 'R', 'N', 'L', '0', '1'};
  static final int VERSION = 1;
  static final int LARGEST_BODY = 1 << 20;
  private static final int MARK = 0x4D57_52A5;
  private static final int PREFIX = 4 + 4 + 4 + 8;

  private Segment() {}

  /**
   * @param journal random, of the journal's creation
   * @param boot during which the segment was begun
   */
  record Header(int version, String journal, String boot) {}

  /**
   * What a segment says.
   *
   * @param header empty when even that cannot be read
   * @param entries that are whole, from the first on
   * @param sequence of the last of them
   * @param good bytes up to the end of the last of them
   * @param trouble empty when the rest, if any, is a torn tail, which may be cut
   */
  record Content(
      Optional<Header> header,
      List<Entry> entries,
      long sequence,
      int good,
      Optional<String> trouble) {}

  private record Piece(long sequence, int from, int end) {
    byte[] body(byte[] bytes) {
      return Arrays.copyOfRange(bytes, from, end);
    }
  }

  static ByteBuffer record(long sequence, byte[] body) {
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

  static Content read(byte[] bytes) {
    if (bytes.length < NAME.length || !Arrays.equals(bytes, 0, NAME.length, NAME, 0, NAME.length)) {
      return unreadable("it does not begin as a journal");
    }
    Optional<Piece> first = piece(bytes, NAME.length);
    if (first.isEmpty()) {
      return unreadable("its header is damaged");
    }
    try {
      Header header = EntryJson.read(first.get().body(bytes), Header.class);
      return header.version() == VERSION
          ? entries(bytes, header, first.get())
          : unreadable(
              "it has version %d, and this agent knows %d".formatted(header.version(), VERSION));
    } catch (IOException e) {
      return unreadable("its header cannot be understood");
    }
  }

  private static Content unreadable(String why) {
    return new Content(Optional.empty(), List.of(), 0, 0, Optional.of(why));
  }

  private static Content entries(byte[] bytes, Header header, Piece first) {
    List<Entry> entries = new ArrayList<>();
    Piece last = first;
    Optional<String> trouble = Optional.empty();
    while (last.end() < bytes.length && trouble.isEmpty()) {
      Optional<Piece> next = piece(bytes, last.end());
      if (next.isEmpty()) {
        trouble = afterDamage(bytes, last.end());
        break;
      }
      trouble = take(bytes, next.get(), last.sequence() + 1, entries);
      last = trouble.isEmpty() ? next.get() : last;
    }
    return new Content(Optional.of(header), entries, last.sequence(), last.end(), trouble);
  }

  private static Optional<String> take(byte[] bytes, Piece piece, long expected, List<Entry> into) {
    if (piece.sequence() != expected) {
      return Optional.of("record %d stands where %d belongs".formatted(piece.sequence(), expected));
    }
    try {
      into.add(EntryJson.entry(piece.body(bytes)));
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.of("record %d cannot be understood".formatted(expected));
    }
  }

  /** Damage is a torn tail only when nothing whole comes after it. */
  private static Optional<String> afterDamage(byte[] bytes, int from) {
    for (int at = from + 1; at < bytes.length; at++) {
      if (piece(bytes, at).isPresent()) {
        return Optional.of(
            "byte %d is damaged, and a whole record follows at byte %d".formatted(from, at));
      }
    }
    return Optional.empty();
  }

  /** The record that begins there, if it is whole. */
  private static Optional<Piece> piece(byte[] bytes, int at) {
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
}
