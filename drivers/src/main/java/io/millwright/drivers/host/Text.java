package io.millwright.drivers.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The text of one small kernel file and a cursor over its lines and words. Reading and parsing
 * allocate nothing once the buffer is large enough.
 *
 * <p>Only lines that end in a newline count: of a line that was cut, the last number would be
 * wrong. What lies behind {@value #LONGEST} bytes is not read.
 *
 * <p><i>Threading:</i> one owner; all files of a source share one.
 */
public final class Text {
  private static final int SHORTEST = 16 << 10;
  private static final int LONGEST = 1 << 20;
  private static final long TENTH_OF_LARGEST = Long.divideUnsigned(-1, 10);
  private static final int LAST_DIGIT_OF_LARGEST = 5;
  private static final int MOST_DECIMAL_DIGITS = 15;

  private final ByteBuffer chunk = ByteBuffer.allocateDirect(SHORTEST);
  private byte[] bytes = new byte[SHORTEST];
  private int length;
  private int at;
  private int lineEnd;
  private int nextLine;
  private int wordStart;
  private int wordEnd;
  private long number;
  private double decimal;

  /** Takes the whole file, by pread from its beginning. */
  public void fill(FileChannel file) throws IOException {
    begin(0);
    while (length < LONGEST) {
      int got = file.read(chunk.clear(), length);
      if (got <= 0) {
        return;
      }
      append(got);
    }
  }

  /**
   * Takes what one pread from the beginning gives: the whole of a sysfs file, which is never longer
   * than a page, and whose driver would be asked again by a second one.
   */
  public void fillAtOnce(FileChannel file) throws IOException {
    begin(0);
    int got = file.read(chunk.clear(), 0);
    if (got > 0) {
      append(got);
    }
  }

  /** How many bytes there are. */
  public int length() {
    return length;
  }

  /** Takes this text instead of a file's. */
  void fill(byte[] content) {
    begin(Math.min(content.length, LONGEST));
    bytes = Arrays.copyOf(content, Math.max(SHORTEST, content.length));
  }

  private void begin(int newLength) {
    length = newLength;
    nextLine = 0;
    at = 0;
    lineEnd = 0;
  }

  private void append(int got) {
    int fits = Math.min(got, LONGEST - length);
    if (length + fits > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.min(LONGEST, 2 * (length + fits)));
    }
    chunk.get(0, bytes, length, fits);
    length += fits;
  }

  /** Goes to the next complete line. */
  public boolean line() {
    for (int end = nextLine; end < length; end++) {
      if (bytes[end] == '\n') {
        at = nextLine;
        lineEnd = end;
        nextLine = end + 1;
        return true;
      }
    }
    return false;
  }

  /** Goes to what stands behind the last complete line, which may have been cut. */
  public boolean unfinishedLine() {
    if (nextLine >= length) {
      return false;
    }
    at = nextLine;
    lineEnd = length;
    nextLine = length;
    return true;
  }

  /** Goes to the next word of this line: what stands between blanks. */
  public boolean word() {
    return wordUntil(' ');
  }

  /** Goes to the next word of this line, which also ends before this byte. */
  public boolean wordUntil(char stop) {
    while (at < lineEnd && blank(bytes[at])) {
      at++;
    }
    wordStart = at;
    while (at < lineEnd && !blank(bytes[at]) && bytes[at] != stop) {
      at++;
    }
    wordEnd = at;
    return wordEnd > wordStart;
  }

  /** Steps over this byte, which must come next. */
  public boolean skip(char expected) {
    boolean found = at < lineEnd && bytes[at] == expected;
    at += found ? 1 : 0;
    return found;
  }

  boolean skipWords(int count) {
    for (int i = 0; i < count; i++) {
      if (!word()) {
        return false;
      }
    }
    return true;
  }

  private static boolean blank(byte b) {
    return b == ' ' || b == '\t';
  }

  public boolean wordIs(byte[] expected) {
    return Arrays.equals(bytes, wordStart, wordEnd, expected, 0, expected.length);
  }

  /** Whether the word begins so; if it does, the cursor stands behind that beginning. */
  boolean wordBegins(byte[] expected) {
    int end = wordStart + expected.length;
    boolean begins =
        end <= wordEnd && Arrays.equals(bytes, wordStart, end, expected, 0, expected.length);
    at = begins ? end : at;
    return begins;
  }

  /** Whether the word is of visible ASCII characters and at most this long. */
  public boolean wordIsName(int longest) {
    if (wordEnd == wordStart || wordEnd - wordStart > longest) {
      return false;
    }
    for (int i = wordStart; i < wordEnd; i++) {
      if (bytes[i] <= ' ' || bytes[i] == 0x7f) {
        return false;
      }
    }
    return true;
  }

  /** Whether the last attempt at a word found one, of whatever form. */
  boolean wordSeen() {
    return wordEnd > wordStart;
  }

  String wordText() {
    return new String(bytes, wordStart, wordEnd - wordStart, StandardCharsets.UTF_8);
  }

  /** The next word as a number of 0 to 2^64-1, then in {@link #number()}. */
  public boolean nextNumber() {
    return nextNumberUntil(' ');
  }

  /** The same of a word that also ends before this byte. */
  public boolean nextNumberUntil(char stop) {
    if (!wordUntil(stop)) {
      return false;
    }
    long value = 0;
    for (int i = wordStart; i < wordEnd; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9 || overflows(value, digit)) {
        return false;
      }
      value = value * 10 + digit;
    }
    number = value;
    return true;
  }

  private static boolean overflows(long value, int digit) {
    int order = Long.compareUnsigned(value, TENTH_OF_LARGEST);
    return order > 0 || (order == 0 && digit > LAST_DIGIT_OF_LARGEST);
  }

  /** The number last read, unsigned. */
  public long number() {
    return number;
  }

  /** The number last read. */
  public double numberAsDouble() {
    return toDouble(number);
  }

  /** An unsigned number as the double nearest to it. */
  public static double toDouble(long unsigned) {
    return unsigned >= 0 ? unsigned : ((unsigned >>> 1) | (unsigned & 1)) * 2.0;
  }

  /** The next word as digits, a point and digits, then in {@link #decimal()}. */
  boolean nextDecimal() {
    return nextDecimalUntil(' ');
  }

  /** The same of a word that also ends before this byte. */
  public boolean nextDecimalUntil(char stop) {
    if (!wordUntil(stop) || wordEnd - wordStart > MOST_DECIMAL_DIGITS) {
      return false;
    }
    long digits = 0;
    long scale = 0;
    for (int i = wordStart; i < wordEnd; i++) {
      int digit = bytes[i] - '0';
      boolean point = bytes[i] == '.' && scale == 0 && i > wordStart && i + 1 < wordEnd;
      if (!point && (digit < 0 || digit > 9)) {
        return false;
      }
      digits = point ? digits : digits * 10 + digit;
      scale = point ? 1 : scale * 10;
    }
    decimal = digits / (double) Math.max(1, scale);
    return true;
  }

  public double decimal() {
    return decimal;
  }

  byte[] wordBytes() {
    return Arrays.copyOfRange(bytes, wordStart, wordEnd);
  }
}
