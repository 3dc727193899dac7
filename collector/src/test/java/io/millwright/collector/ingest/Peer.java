package io.millwright.collector.ingest;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.Incomplete;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import javax.net.ssl.SSLSocket;

/** A connection to the agents' port as somebody, and what the collector says on it. */
final class Peer implements AutoCloseable {
  private final SSLSocket socket;
  private final FrameReader reader = new FrameReader(Side.COLLECTOR);
  private final ByteBuffer received = ByteBuffer.allocate(1 << 16).limit(0);

  Peer(Path credentials, int port) throws IOException {
    socket =
        new MutualTls(Credentials.read(credentials), Clock.system()).connect("127.0.0.1", port);
    socket.setSoTimeout(10_000);
  }

  void send(Frame frame) throws IOException {
    send(FrameWriter.encode(frame));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** The next frame, PINGs left out; throws at the end of the stream. */
  Frame next() throws IOException {
    Frame next = any();
    while (next instanceof Frame.Ping) {
      next = any();
    }
    return next;
  }

  /** The next PING, all else left out; throws at the end of the stream. */
  Frame.Ping ping() throws IOException {
    while (true) {
      if (any() instanceof Frame.Ping ping) {
        return ping;
      }
    }
  }

  private Frame any() throws IOException {
    Inbound inbound = reader.next(received);
    while (inbound instanceof Incomplete) {
      fill();
      inbound = reader.next(received);
    }
    if (inbound instanceof Frame.Welcome) {
      reader.open();
    }
    return (Frame) inbound;
  }

  private void fill() throws IOException {
    received.compact();
    InputStream in = socket.getInputStream();
    int length = in.read(received.array(), received.position(), received.remaining());
    if (length < 0) {
      throw new IOException("the end");
    }
    received.position(received.position() + length).flip();
  }

  /** Reads on until the collector says goodbye. */
  Frame.GoAway goAway() throws IOException {
    while (true) {
      if (next() instanceof Frame.GoAway away) {
        return away;
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
