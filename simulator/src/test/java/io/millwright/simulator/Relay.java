package io.millwright.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A network between an agent and its collector that can be cut and mended. */
final class Relay implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  /**
   * @param target port on loopback to which it leads
   */
  Relay(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        connected(server.accept());
      } catch (IOException e) {
        // one connection less, or the end
      }
    }
  }

  private void connected(Socket from) throws IOException {
    open.add(from);
    if (cut) {
      from.close();
      return;
    }
    Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
    open.add(to);
    Thread.ofVirtual().start(() -> copy(from, to));
    Thread.ofVirtual().start(() -> copy(to, from));
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // cut
    }
  }

  /** Ends all connections, and each new one at once. */
  void cut() {
    cut = true;
    open.forEach(Relay::end);
    open.clear();
  }

  void mend() {
    cut = false;
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    cut();
    server.close();
  }
}
