package io.millwright.agent.jobs;

import io.millwright.agent.records.Framing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The bytes of a segment: an eight-byte name of the format, then records as {@link Framing} has
 * them. The first is the {@link Header}; sequences grow by one.
 */
final class Segment {
  static final byte[] NAME = {'M', 'W', 'J', 'R', 'N', 'L', '0', '1'};
  static final int VERSION = 1;

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

  static Content read(byte[] bytes) {
    if (bytes.length < NAME.length || !Arrays.equals(bytes, 0, NAME.length, NAME, 0, NAME.length)) {
      return unreadable("it does not begin as a journal");
    }
    Optional<Framing.Piece> first = Framing.piece(bytes, NAME.length);
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

  private static Content entries(byte[] bytes, Header header, Framing.Piece first) {
    List<Entry> entries = new ArrayList<>();
    Framing.Piece last = first;
    Optional<String> trouble = Optional.empty();
    while (last.end() < bytes.length && trouble.isEmpty()) {
      Optional<Framing.Piece> next = Framing.piece(bytes, last.end());
      if (next.isEmpty()) {
        trouble = afterDamage(bytes, last.end());
        break;
      }
      trouble = take(bytes, next.get(), last.sequence() + 1, entries);
      last = trouble.isEmpty() ? next.get() : last;
    }
    return new Content(Optional.of(header), entries, last.sequence(), last.end(), trouble);
  }

  private static Optional<String> take(
      byte[] bytes, Framing.Piece piece, long expected, List<Entry> into) {
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
    OptionalInt next = Framing.next(bytes, from);
    if (next.isPresent()) {
      return Optional.of(
          "byte %d is damaged, and a whole record follows at byte %d"
              .formatted(from, next.getAsInt()));
    }
    return Optional.empty();
  }
}
