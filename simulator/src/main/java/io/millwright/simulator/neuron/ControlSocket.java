package io.millwright.simulator.neuron;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * {@code control.sock}: lines in, and for each its answer and then {@code ok} or {@code error: …}.
 *
 * <p><i>Threading:</i> the node's one thread, which serves it between two moves of the model.
 * <i>Failure:</i> what a command cannot do is its answer. A client that breaks the rules loses its
 * connection, as one that asks more and more and reads nothing; others do not notice.
 */
final class ControlSocket implements AutoCloseable {
  private static final int LONGEST_LINE = 4096;
  private static final int MOST_CONNECTIONS = 32;
  private static final int MOST_UNREAD = 16 << 20;

  private final Path path;
  private final ServerSocketChannel listener;
  private final Selector selector;
  private final Supplier<MonitorSession> sessions;
  private final Command command;

  /** What a line does. */
  interface Command {
    /**
     * @throws IllegalArgumentException where it is refused
     */
    List<String> run(String line, MonitorSession session) throws IOException;
  }

  private ControlSocket(
      Path path,
      ServerSocketChannel listener,
      Selector selector,
      Supplier<MonitorSession> sessions,
      Command command) {
    this.path = path;
    this.listener = listener;
    this.selector = selector;
    this.sessions = sessions;
    this.command = command;
  }

  /** One connection, with what it has sent of a line and what it has not read of its answers. */
  private static final class Client {
    private final ByteBuffer received = ByteBuffer.allocate(LONGEST_LINE);
    private final Deque<ByteBuffer> unread = new ArrayDeque<>();
    private int unreadBytes;
    private boolean leaving;
    private final MonitorSession session;

    Client(MonitorSession session) {
      this.session = session;
    }
  }

  /**
   * @param sessions makes what a connection keeps between two records
   * @throws IOException where another process answers there
   */
  static ControlSocket open(Path path, Supplier<MonitorSession> sessions, Command command)
      throws IOException {
    requireNobody(path);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      listener.configureBlocking(false);
      Selector selector = Selector.open();
      listener.register(selector, SelectionKey.OP_ACCEPT);
      return new ControlSocket(path, listener, selector, sessions, command);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
  }

  /** Removes what a process that is no more has left. */
  private static void requireNobody(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException nobody) {
      Files.delete(path);
      return;
    }
    throw new IOException("another process simulates the node of " + path + ": end that first");
  }

  /** Answers whoever asks, for at most so many milliseconds. */
  void serve(long milliseconds) throws IOException {
    if (selector.select(Math.max(1, milliseconds)) == 0) {
      return;
    }
    for (SelectionKey key : List.copyOf(selector.selectedKeys())) {
      if (key.isAcceptable()) {
        welcome();
      } else {
        serve(key);
      }
    }
    selector.selectedKeys().clear();
  }

  private void welcome() throws IOException {
    SocketChannel channel = listener.accept();
    if (channel == null) {
      return; // gone again
    }
    if (selector.keys().size() > MOST_CONNECTIONS) {
      channel.close();
      return;
    }
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, new Client(sessions.get()));
  }

  private void serve(SelectionKey key) {
    SocketChannel channel = (SocketChannel) key.channel();
    Client client = (Client) key.attachment();
    try {
      if (key.isReadable()) {
        int count = channel.read(client.received);
        answerLines(client);
        client.leaving = count < 0 || !client.received.hasRemaining();
      }
      send(channel, client);
      if (client.unread.isEmpty() && client.leaving) {
        channel.close();
      } else {
        key.interestOps(interest(client));
      }
    } catch (IOException broken) {
      closeQuietly(channel);
    }
  }

  private static int interest(Client client) {
    int read = client.leaving ? 0 : SelectionKey.OP_READ;
    return client.unread.isEmpty() ? read : read | SelectionKey.OP_WRITE;
  }

  /** As much as the client takes now; the rest waits until it takes more. */
  private static void send(SocketChannel channel, Client client) throws IOException {
    while (!client.unread.isEmpty()) {
      ByteBuffer next = client.unread.getFirst();
      client.unreadBytes -= channel.write(next);
      if (next.hasRemaining()) {
        return;
      }
      client.unread.removeFirst();
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException gone) {
      return;
    }
  }

  private void answerLines(Client client) throws IOException {
    ByteBuffer received = client.received.flip();
    for (int end = newline(received); end >= 0; end = newline(received)) {
      byte[] line = new byte[end - received.position()];
      received.get(line).get();
      answer(client, new String(line, StandardCharsets.UTF_8));
    }
    received.compact();
  }

  private static int newline(ByteBuffer received) {
    for (int i = received.position(); i < received.limit(); i++) {
      if (received.get(i) == '\n') {
        return i;
      }
    }
    return -1;
  }

  private void answer(Client client, String line) throws IOException {
    byte[] bytes = answer(line, client.session).getBytes(StandardCharsets.UTF_8);
    client.unreadBytes += bytes.length;
    if (client.unreadBytes > MOST_UNREAD) {
      throw new IOException("a client does not read its answers");
    }
    client.unread.addLast(ByteBuffer.wrap(bytes));
  }

  /** A file that cannot be written is the trouble of whoever asked, not of the connection. */
  private String answer(String line, MonitorSession session) {
    try {
      StringBuilder text = new StringBuilder();
      command.run(line, session).forEach(answer -> text.append(answer).append('\n'));
      return text.append("ok\n").toString();
    } catch (IllegalArgumentException refused) {
      return error(String.valueOf(refused.getMessage()));
    } catch (UncheckedIOException failed) {
      return error(failed.getMessage() + ": " + failed.getCause());
    } catch (IOException failed) {
      return error(failed.toString());
    }
  }

  private static String error(String why) {
    return "error: " + why.replace('\n', ' ') + "\n";
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
    listener.close();
    Files.deleteIfExists(path);
  }
}
