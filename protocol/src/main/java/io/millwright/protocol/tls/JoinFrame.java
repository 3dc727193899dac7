package io.millwright.protocol.tls;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** How the two messages of a join stand on the wire: a length of two bytes, then the body. */
public final class JoinFrame {
  /** Of the length. */
  public static final int HEADER_BYTES = 2;

  private JoinFrame() {}

  /** Length and body. */
  public static byte[] of(byte[] body) {
    if (body.length > JoinText.LARGEST_ANSWER) {
      throw new IllegalArgumentException(
          "body: %d bytes are refused; allowed are %d"
              .formatted(body.length, JoinText.LARGEST_ANSWER));
    }
    byte[] frame = new byte[HEADER_BYTES + body.length];
    frame[0] = (byte) (body.length >> 8);
    frame[1] = (byte) body.length;
    System.arraycopy(body, 0, frame, HEADER_BYTES, body.length);
    return frame;
  }

  /**
   * The body of the next frame; at most 64 KiB are read, and who parses it holds the bound.
   *
   * @throws EOFException where the other side ended before it was whole
   */
  public static byte[] read(InputStream in) throws IOException {
    byte[] header = in.readNBytes(HEADER_BYTES);
    int length = header.length == HEADER_BYTES ? (header[0] & 0xff) << 8 | (header[1] & 0xff) : -1;
    byte[] body = length < 0 ? header : in.readNBytes(length);
    if (body.length != length) {
      throw new EOFException("the connection ended within a message");
    }
    return body;
  }
}
