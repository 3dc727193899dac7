package io.millwright.collector.trust;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A loopback server that hangs up politely: it reads what the client still sends before it closes,
 * so that the client gets the alert and no reset.
 */
record Accepting(ServerSocket listening, SSLContext context, SSLParameters parameters)
    implements AutoCloseable {
  private static final int PATIENCE_MS = 10_000;
  private static final int MOST_BYTES = 1 << 20;

  /** What is done with a connection. */
  interface Talk<T> {
    T with(SSLSocket socket) throws IOException;
  }

  static Accepting with(SSLContext context, SSLParameters parameters) throws IOException {
    ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    listening.setSoTimeout(PATIENCE_MS);
    return new Accepting(listening, context, parameters);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Takes one connection. */
  <T> T serve(Talk<T> talk) throws IOException {
    try (Socket raw = listening.accept()) {
      raw.setSoTimeout(PATIENCE_MS);
      SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, null, false);
      socket.setSSLParameters(parameters);
      T result = talk.with(socket);
      socket.close();
      hangUp(raw);
      return result;
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private static void hangUp(Socket raw) throws IOException {
    raw.shutdownOutput();
    int read = raw.getInputStream().readNBytes(MOST_BYTES).length;
    if (read == MOST_BYTES) {
      throw new IOException("the client does not stop");
    }
  }
}
