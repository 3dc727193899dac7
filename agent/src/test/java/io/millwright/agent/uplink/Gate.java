package io.millwright.agent.uplink;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** A stretch of network before a port of this machine: it can hold bytes back, or swallow them. */
final class Gate implements AutoCloseable {
  private static final long LOOK_NANOS = 1_000_000;

  private final ServerSocket listening = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final int to;
  private volatile boolean holding;
  private volatile boolean swallowing;

  /**
   * @param to the port behind it
   */
  Gate(int to) throws IOException {
    this.to = to;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** What comes back from the port waits here. */
  void holdAnswers() {
    holding = true;
  }

  void letAnswersGo() {
    holding = false;
  }

  /** Takes all that comes of either side, and brings nothing. */
  void swallow() {
    swallowing = true;
  }

  void letGo() {
    swallowing = false;
  }

  private void accept() {
    try {
      while (true) {
        Socket from = listening.accept();
        Socket onward = new Socket(InetAddress.getLoopbackAddress(), to);
        sockets.addAll(List.of(from, onward));
        Thread.ofVirtual().start(() -> carry(from, onward, false));
        Thread.ofVirtual().start(() -> carry(onward, from, true));
      }
    } catch (IOException closed) {
      // the test has ended, or the port behind is closed
    }
  }

  private void carry(Socket from, Socket onward, boolean answers) {
    byte[] bytes = new byte[8192];
    try (from;
        onward) {
      InputStream in = from.getInputStream();
      OutputStream out = onward.getOutputStream();
      for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
        while (answers && holding) {
          LockSupport.parkNanos(LOOK_NANOS);
        }
        if (!swallowing) {
          out.write(bytes, 0, length);
        }
      }
    } catch (IOException broken) {
      // as a network would: both ends see the end
    }
  }

  @Override
  public void close() {
    holding = false;
    try {
      listening.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
