package io.millwright.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One keep-alive HTTP/1.1 connection for GETs, made to cost little itself: blocking reads into one
 * buffer, no objects for headers.
 *
 * <p><i>Threading:</i> one owner. <i>Failure:</i> whatever is not a 200 with a length or chunks is
 * an {@link IOException}; the connection is of no use after it.
 */
final class Connection implements AutoCloseable {
  private static final int LARGEST = 8 << 20;
  private static final byte[] BLANK_LINE = {'\r', '\n', '\r', '\n'};

  private final SocketChannel channel;
  private final ByteBuffer request;
  private final byte[] bytes = new byte[LARGEST];
  private final ByteBuffer received = ByteBuffer.wrap(bytes);
  private int bodyStart;
  private int bodyLength;

  private Connection(SocketChannel channel, ByteBuffer request) {
    this.channel = channel;
    this.request = request;
  }

  /** Connects; says nothing yet. */
  static Connection open(URI uri, boolean gzip) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    String text =
        "GET %s HTTP/1.1\r\nHost: %s:%d\r\nAccept: text/plain;version=0.0.4\r\n%s\r\n"
            .formatted(
                uri.getPath(),
                uri.getHost(),
                uri.getPort(),
                gzip ? "Accept-Encoding: gzip\r\n" : "Accept-Encoding: identity\r\n");
    return new Connection(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  /** One request and its whole answer; the bytes of the body, as they came over the wire. */
  int get() throws IOException {
    request.rewind();
    while (request.hasRemaining()) {
      channel.write(request);
    }
    received.clear();
    int headerEnd = awaitMark(0, BLANK_LINE);
    String head = new String(bytes, 0, headerEnd, StandardCharsets.ISO_8859_1);
    if (!head.startsWith("HTTP/1.1 200 ")) {
      throw new IOException("answered: " + head.lines().findFirst().orElse("nothing"));
    }
    bodyStart = headerEnd;
    String headers = head.toLowerCase(Locale.ROOT);
    bodyLength =
        headers.contains("transfer-encoding: chunked") ? chunks(headerEnd) : length(headers);
    return bodyLength;
  }

  private int length(String headers) throws IOException {
    int at = headers.indexOf("content-length:");
    if (at < 0) {
      throw new IOException("an answer without length or chunks");
    }
    int length = Integer.parseInt(headers.substring(at + 15, headers.indexOf('\r', at)).strip());
    await(bodyStart + length);
    return length;
  }

  /** The bytes of all chunks; the body is left with its chunk headers in between. */
  private int chunks(int start) throws IOException {
    int total = 0;
    for (int at = start; ; ) {
      int lineEnd = awaitLine(at);
      int size =
          Integer.parseInt(new String(bytes, at, lineEnd - at, StandardCharsets.US_ASCII), 16);
      at = lineEnd + 2 + size + 2;
      await(at);
      if (size == 0) {
        return total;
      }
      System.arraycopy(bytes, lineEnd + 2, bytes, bodyStart + total, size);
      total += size;
    }
  }

  private int awaitLine(int from) throws IOException {
    int at = from;
    while (true) {
      await(at + 2);
      if (bytes[at] == '\r' && bytes[at + 1] == '\n') {
        return at;
      }
      at++;
    }
  }

  /** The place behind the mark. */
  private int awaitMark(int from, byte[] mark) throws IOException {
    int matched = 0;
    for (int at = from; matched < mark.length; at++) {
      await(at + 1);
      matched = bytes[at] == mark[matched] ? matched + 1 : bytes[at] == mark[0] ? 1 : 0;
      if (matched == mark.length) {
        return at + 1;
      }
    }
    return from;
  }

  private void await(int end) throws IOException {
    while (received.position() < end) {
      if (channel.read(received) < 0) {
        throw new EOFException("the server closed the connection within an answer");
      }
    }
  }

  /** The last answer's body as text, where it was not compressed. */
  String text() {
    return new String(bytes, bodyStart, bodyLength, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
