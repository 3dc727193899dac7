package io.millwright.agent.spool;

import io.millwright.agent.records.Framing;
import io.millwright.protocol.frames.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The whole records of a stretch of a file, one after the other. Holds no more of the file than the
 * largest record. One owner thread.
 */
final class RecordReader {
  private static final int USUAL = 32 * 1024;

  private final FileChannel file;
  private byte[] bytes = new byte[USUAL];
  private long start; // of the buffer, in the file
  private int at;
  private int filled;
  private long end;

  /**
   * One record.
   *
   * @param offset of its first byte in the file
   * @param end behind its last byte
   * @param damaged whether bytes before it were none
   */
  record Found(long offset, long end, long sequence, Payload body, boolean damaged) {}

  /**
   * @param from the first byte of a record
   * @param end behind the last byte that is there
   */
  RecordReader(FileChannel file, long from, long end) {
    this.file = file;
    this.start = from;
    this.end = end;
  }

  /** More was written. */
  void extend(long to) {
    end = to;
  }

  /** Behind the last record that was found, or what was passed over after it. */
  long offset() {
    return start + at;
  }

  /** The next; at the end empty, and {@link #offset} says whether a torn record is left. */
  Optional<Found> next() throws IOException {
    boolean damaged = false;
    while (have(Framing.PREFIX)) {
      Optional<Found> found = whole(damaged);
      if (found.isPresent()) {
        return found;
      }
      damaged = true;
      at++;
    }
    return Optional.empty();
  }

  private Optional<Found> whole(boolean damaged) throws IOException {
    OptionalInt length = Framing.length(bytes, at, filled);
    if (length.isEmpty() || !have(length.getAsInt())) {
      return Optional.empty();
    }
    Optional<Framing.Piece> piece = Framing.piece(bytes, at);
    if (piece.isEmpty()) {
      return Optional.empty();
    }
    long offset = start + at;
    at = piece.get().end();
    return Optional.of(
        new Found(
            offset,
            start + at,
            piece.get().sequence(),
            Payload.of(piece.get().body(bytes)),
            damaged));
  }

  /** Whether so many bytes follow; they are then in the buffer. */
  private boolean have(int wanted) throws IOException {
    if (filled - at >= wanted) {
      return true;
    }
    if (end - (start + at) < wanted) {
      return false;
    }
    System.arraycopy(bytes, at, bytes, 0, filled - at);
    start += at;
    filled -= at;
    at = 0;
    if (bytes.length < wanted) {
      bytes = Arrays.copyOf(bytes, wanted);
    }
    fill();
    return filled >= wanted;
  }

  /** A file that has become shorter ends there. */
  private void fill() throws IOException {
    while (filled < bytes.length && start + filled < end) {
      int most = (int) Math.min(bytes.length - filled, end - start - filled);
      int read = file.read(ByteBuffer.wrap(bytes, filled, most), start + filled);
      if (read < 0) {
        end = start + filled;
        return;
      }
      filled += read;
    }
  }
}
