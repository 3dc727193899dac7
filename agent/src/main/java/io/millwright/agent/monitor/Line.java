package io.millwright.agent.monitor;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * One line of an endless stream, as a stream that ends where the line does.
 *
 * <p><i>Lifecycle:</i> {@link #begin}, read it, {@link #finish}, and again. <i>Threading:</i> one
 * owner thread. <i>Failure:</i> {@link TooLong} where it is longer than allowed; what the source
 * throws goes through.
 */
final class Line extends InputStream {
  private final InputStream source;
  private final int longest;
  private final long patience;
  private final byte[] buffer = new byte[8192];
  private int from;
  private int until;
  private long length;
  private boolean ended = true;

  /** The line is longer than what is read of one. */
  static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;

    TooLong(long bytes) {
      super("a line is longer than " + bytes + " bytes");
    }
  }

  /**
   * @param longest bytes of a line that are read
   * @param patience bytes of a line that are passed over before the source counts as broken
   */
  Line(InputStream source, int longest, long patience) {
    this.source = source;
    this.longest = longest;
    this.patience = patience;
  }

  /** Waits for the first byte of a line that is not empty; false at the end of the source. */
  boolean begin() throws IOException {
    while (filled()) {
      if (buffer[from] != '\n' && buffer[from] != '\r') {
        length = 0;
        ended = false;
        return true;
      }
      from++;
    }
    return false;
  }

  /**
   * Passes over what is left of the line.
   *
   * @throws TooLong where it does not end
   */
  void finish() throws IOException {
    while (!ended && filled()) {
      take(until - from);
      if (length > patience) {
        throw new TooLong(patience);
      }
    }
    ended = true;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int most) throws IOException {
    Objects.checkFromIndexSize(offset, most, bytes.length);
    if (most == 0) {
      return 0;
    }
    if (ended || !filled()) {
      return -1;
    }
    int begin = from;
    int taken = take(Math.min(most, until - from));
    if (length > longest) {
      throw new TooLong(longest);
    }
    System.arraycopy(buffer, begin, bytes, offset, taken);
    return taken == 0 ? -1 : taken;
  }

  /** Moves on by at most so many bytes, and over the line's end; how many are the line's. */
  private int take(int most) {
    int taken = 0;
    while (taken < most && buffer[from + taken] != '\n') {
      taken++;
    }
    from += taken;
    length += taken;
    if (taken < most) {
      from++;
      ended = true;
    }
    return taken;
  }

  /** Whether there is a byte; waits as the source does. */
  private boolean filled() throws IOException {
    while (from == until) {
      int count = source.read(buffer, 0, buffer.length);
      if (count < 0) {
        return false;
      }
      from = 0;
      until = count;
    }
    return true;
  }
}
