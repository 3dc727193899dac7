package io.millwright.agent.uplink;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.GoAwayReason;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.Incomplete;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A collector that ends as soon as it has seen one live sample: it acknowledges that one, says
 * goodbye, and takes nothing of what follows.
 */
final class HastyCollector {
  private static final int CREDITS = 64;

  private final MutualTls tls;
  private final int port;
  private final FrameReader reader = new FrameReader(Side.AGENT);
  private final ByteBuffer received = ByteBuffer.allocate(1 << 20).limit(0);

  HastyCollector(Path credentials, int port) {
    this.tls = new MutualTls(Credentials.read(credentials), Clock.system());
    this.port = port;
  }

  /**
   * Awaits one agent.
   *
   * @return the sample that was acknowledged
   */
  Position end() throws IOException {
    try (SSLServerSocket server =
        (SSLServerSocket)
            tls.context()
                .getServerSocketFactory()
                .createServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      server.setSSLParameters(tls.parameters());
      server.setSoTimeout(60_000);
      try (SSLSocket socket = (SSLSocket) server.accept()) {
        socket.setSoTimeout(60_000);
        return serve(socket);
      }
    }
  }

  private Position serve(SSLSocket socket) throws IOException {
    InputStream in = socket.getInputStream();
    while (true) {
      switch (next(in)) {
        case Frame.Hello hello -> {
          reader.open();
          send(
              socket,
              new Frame.Welcome(
                  hello.versions().getFirst(),
                  "hasty",
                  1,
                  Position.NONE,
                  0,
                  CREDITS,
                  1000,
                  true,
                  0,
                  new Term(1, 2, 3)));
        }
        case Frame.Key key when !key.backfill() -> {
          send(socket, new Frame.Ack(key.at(), Position.NONE, 0, CREDITS));
          send(socket, new Frame.GoAway(GoAwayReason.SHUTTING_DOWN, "the test ends", 0, List.of()));
          socket.shutdownOutput();
          while (in.read(received.array()) >= 0) {
            // to the end, or what was sent would be lost with the connection
          }
          return key.at();
        }
        default -> {}
      }
    }
  }

  private Inbound next(InputStream in) throws IOException {
    Inbound inbound = reader.next(received);
    while (inbound instanceof Incomplete) {
      received.compact();
      int length = in.read(received.array(), received.position(), received.remaining());
      if (length < 0) {
        throw new IOException("the agent has gone");
      }
      received.position(received.position() + length).flip();
      inbound = reader.next(received);
    }
    return inbound;
  }

  private static void send(SSLSocket socket, Frame frame) throws IOException {
    socket.getOutputStream().write(FrameWriter.encode(frame));
    socket.getOutputStream().flush();
  }
}
