package io.millwright.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Output of a program that can do nothing to a terminal: UTF-8 with a {@code ?} for each control
 * character but the end of a line and a tab, and for what is no UTF-8. A character may lie in two
 * pieces. Used by one thread.
 */
final class TerminalText {
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}&&[^\n\t\r]]");

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE)
          .replaceWith("?");
  private byte[] rest = new byte[0];

  /**
   * The next piece.
   *
   * @param last whether none follows
   */
  byte[] of(byte[] piece, boolean last) {
    ByteBuffer in = ByteBuffer.allocate(rest.length + piece.length).put(rest).put(piece).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    decoder.decode(in, out, last);
    rest = new byte[in.remaining()];
    in.get(rest);
    return CONTROL.matcher(out.flip()).replaceAll("?").getBytes(StandardCharsets.UTF_8);
  }
}
