package io.millwright.agent.launcher.verb;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * Bytes with their number before them, four bytes with the highest first, over a socket that does
 * not block. Stateless; a caller's thread waits no longer than it says.
 */
public final class Wire {
  /** More than the largest desired state that a collector can send. */
  public static final int LARGEST_BYTES = 1 << 20;

  private static final int HEAD = 4;

  private Wire() {}

  /** Reads one; refused before anything is allocated where the number is out of bounds. */
  public static byte[] read(SocketChannel socket, Clock clock, Duration within) throws IOException {
    long until = clock.nanos() + within.toNanos();
    try (Selector selector = Selector.open()) {
      socket.configureBlocking(false);
      SelectionKey key = socket.register(selector, SelectionKey.OP_READ);
      ByteBuffer head = fill(socket, key, ByteBuffer.allocate(HEAD), clock, until);
      int length = head.getInt();
      if (length < 1 || length > LARGEST_BYTES) {
        throw new IOException(
            "a message of %d bytes is refused; allowed are 1 to %d"
                .formatted(Integer.toUnsignedLong(length), LARGEST_BYTES));
      }
      return fill(socket, key, ByteBuffer.allocate(length), clock, until).array();
    }
  }

  private static ByteBuffer fill(
      SocketChannel socket, SelectionKey key, ByteBuffer buffer, Clock clock, long until)
      throws IOException {
    while (buffer.hasRemaining()) {
      int read = socket.read(buffer);
      if (read < 0) {
        throw new IOException("the other side closed after %d bytes".formatted(buffer.position()));
      }
      if (read == 0) {
        await(key, SelectionKey.OP_READ, clock, until);
      }
    }
    return buffer.flip();
  }

  /** Writes one. */
  public static void write(SocketChannel socket, byte[] message, Clock clock, Duration within)
      throws IOException {
    if (message.length < 1 || message.length > LARGEST_BYTES) {
      throw new IOException(
          "a message of %d bytes is refused; allowed are 1 to %d"
              .formatted(message.length, LARGEST_BYTES));
    }
    long until = clock.nanos() + within.toNanos();
    ByteBuffer all = ByteBuffer.allocate(HEAD + message.length).putInt(message.length);
    all.put(message).flip();
    try (Selector selector = Selector.open()) {
      socket.configureBlocking(false);
      SelectionKey key = socket.register(selector, SelectionKey.OP_WRITE);
      while (all.hasRemaining()) {
        if (socket.write(all) == 0) {
          await(key, SelectionKey.OP_WRITE, clock, until);
        }
      }
    }
  }

  private static void await(SelectionKey key, int operation, Clock clock, long until)
      throws IOException {
    key.interestOps(operation);
    long left = Duration.ofNanos(until - clock.nanos()).toMillis();
    if (left <= 0) {
      throw new IOException("the other side took too long");
    }
    key.selector().select(left);
    key.selector().selectedKeys().clear();
  }
}
