package io.millwright.agent.scheduler;

import io.millwright.agent.launcher.verb.Wire;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket of the file system for programs of this node that run as root or as the agent's own
 * user; the kernel says who is at the other end. One question a connection, one connection at a
 * time.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, {@link #close} once. <i>Threading:</i> the thread
 * {@code scheduler}. <i>Failure:</i> a door that cannot be opened is logged and the agent goes on
 * without it; trouble with one connection ends that connection.
 */
public final class Door implements AutoCloseable {
  /** Name of the socket in its directory. */
  public static final String NAME = "door";

  private static final Logger LOG = LoggerFactory.getLogger(Door.class);
  private static final Duration TO_ASK = Duration.ofSeconds(3);
  private static final Duration TO_HEAR = Duration.ofSeconds(2);
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(2);

  private final Path directory;
  private final Function<Ask, Reply> desk;
  private final Clock clock;
  private final Thread thread;
  private volatile Runnable waking = () -> {};
  private volatile boolean stopping;

  /**
   * @param directory of the socket, made where its parent is there
   */
  public Door(Path directory, Function<Ask, Reply> desk, Clock clock) {
    this.directory = directory;
    this.desk = desk;
    this.clock = clock;
    this.thread = Threads.platform("scheduler", this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    Path file = directory.resolve(NAME);
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      if (!Files.isDirectory(directory)) {
        Files.createDirectory(directory);
      }
      Files.deleteIfExists(file); // of an agent that was killed
      socket.bind(UnixDomainSocketAddress.of(file));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      LOG.info("the door of schedulers is open path={}", file);
      serve(socket, allowed());
    } catch (IOException | RuntimeException e) {
      LOG.error("the door of schedulers cannot be opened path={}", file, e);
    }
  }

  private Set<UserPrincipal> allowed() throws IOException {
    UserPrincipal own = Files.getOwner(directory.resolve(NAME));
    UserPrincipal root =
        directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("root");
    return own.equals(root) ? Set.of(root) : Set.of(root, own);
  }

  private void serve(ServerSocketChannel socket, Set<UserPrincipal> allowed) throws IOException {
    socket.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      waking = selector::wakeup;
      socket.register(selector, SelectionKey.OP_ACCEPT);
      while (!stopping) {
        selector.select(BEAT.toMillis());
        selector.selectedKeys().clear();
        for (SocketChannel caller = socket.accept();
            caller != null && !stopping;
            caller = socket.accept()) {
          meet(caller, allowed);
        }
      }
    }
  }

  private void meet(SocketChannel caller, Set<UserPrincipal> allowed) {
    try (caller) {
      UserPrincipal user = caller.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
      if (!allowed.contains(user)) {
        LOG.warn("a stranger was turned away user={}", user.getName());
        return;
      }
      Wire.write(caller, answer(Wire.read(caller, clock, TO_ASK)).json(), clock, TO_HEAR);
    } catch (IOException | RuntimeException e) {
      LOG.warn("a caller could not be answered: {}", e.getMessage());
    }
  }

  private Reply answer(byte[] text) {
    try {
      return desk.apply(Ask.of(text));
    } catch (IllegalArgumentException mistake) {
      return new Reply.Refused(String.valueOf(mistake.getMessage()));
    }
  }

  /**
   * Asks at the door of an agent.
   *
   * @param directory of its socket
   * @throws IOException where nobody answers in time
   */
  public static Reply ask(Path directory, Ask ask, Clock clock, Duration within)
      throws IOException {
    byte[] question = ask.json(); // before the door waits for it
    try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.connect(UnixDomainSocketAddress.of(directory.resolve(NAME)));
      Wire.write(socket, question, clock, within);
      return Reply.of(Wire.read(socket, clock, within));
    } catch (IllegalArgumentException mistake) {
      throw new IOException("the agent's answer is none: " + mistake.getMessage(), mistake);
    }
  }

  @Override
  public void close() {
    stopping = true;
    waking.run();
    try {
      if (thread.isAlive()) {
        thread.join(STOP);
      }
      Files.deleteIfExists(directory.resolve(NAME));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.debug("the door's file stays", e);
    }
  }
}
