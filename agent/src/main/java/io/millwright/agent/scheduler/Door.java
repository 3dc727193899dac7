package io.millwright.agent.scheduler;

import io.millwright.agent.launcher.verb.Wire;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket of the file system for programs of this node that run as root or as the agent's own
 * user; the kernel says who is at the other end. One question a connection.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, {@link #close} once. <i>Threading:</i> the thread
 * {@code scheduler} takes callers in, each of whom has a thread of its own, a few at once.
 * <i>Failure:</i> a door that cannot be opened is logged once and tried again every few seconds;
 * trouble with one connection ends that connection.
 */
public final class Door implements AutoCloseable {
  /** Name of the socket in its directory. */
  public static final String NAME = "door";

  private static final Logger LOG = LoggerFactory.getLogger(Door.class);
  private static final Duration TO_ASK = Duration.ofSeconds(3);
  private static final Duration TO_HEAR = Duration.ofSeconds(2);
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final Duration STOP = Duration.ofSeconds(2);

  /** Callers at once; more wait at the door. */
  private static final int MOST = 16;

  private final Path directory;
  private final Function<Ask, Reply> desk;
  private final Clock clock;
  private final Thread thread;
  private final Semaphore free = new Semaphore(MOST);
  private boolean failing;
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
    while (!stopping) {
      try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        serve(open(socket), allowed());
      } catch (IOException | RuntimeException e) {
        if (!stopping) {
          trouble(e);
          pause(AGAIN);
        }
      }
    }
  }

  private ServerSocketChannel open(ServerSocketChannel socket) throws IOException {
    Path file = directory.resolve(NAME);
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
    }
    Files.deleteIfExists(file); // of an agent that was killed
    socket.bind(UnixDomainSocketAddress.of(file));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    LOG.info("the door of schedulers is open path={}", file);
    return socket;
  }

  /** Once, until a caller came in again. */
  private void trouble(Exception why) {
    if (!failing) {
      LOG.error(
          "the door of schedulers is not open, and is tried again path={}",
          directory.resolve(NAME),
          why);
    }
    failing = true;
  }

  private void pause(Duration length) {
    long until = clock.nanos() + length.toNanos();
    while (!stopping && clock.nanos() < until) {
      clock.parkUntil(until);
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
      socket.register(selector, SelectionKey.OP_ACCEPT);
      while (!stopping) {
        selector.select(BEAT.toMillis());
        selector.selectedKeys().clear();
        for (Optional<SocketChannel> caller = accepted(socket);
            caller.isPresent() && !stopping;
            caller = accepted(socket)) {
          letIn(caller.get(), allowed);
        }
      }
    }
  }

  /** Waits a moment where this process has no descriptor left for a caller. */
  private Optional<SocketChannel> accepted(ServerSocketChannel socket) throws IOException {
    try {
      Optional<SocketChannel> caller = Optional.ofNullable(socket.accept());
      if (caller.isPresent()) {
        failing = false;
      }
      return caller;
    } catch (ClosedChannelException closed) {
      throw closed;
    } catch (IOException e) {
      trouble(e);
      pause(BEAT);
      return Optional.empty();
    }
  }

  /** A thread each, so that nobody waits for the readings of another's job. */
  private void letIn(SocketChannel caller, Set<UserPrincipal> allowed) throws IOException {
    try {
      while (!free.tryAcquire(BEAT.toMillis(), TimeUnit.MILLISECONDS)) {
        if (stopping) {
          caller.close();
          return;
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      caller.close();
      return;
    }
    Threads.platform(
            "scheduler-caller",
            () -> {
              try {
                meet(caller, allowed);
              } finally {
                free.release();
              }
            })
        .start();
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
      return new Reply.Mistaken(String.valueOf(mistake.getMessage()));
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
    long until = clock.nanos() + within.toNanos();
    try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      connect(socket, UnixDomainSocketAddress.of(directory.resolve(NAME)), within);
      Wire.write(socket, question, clock, left(clock, until));
      return Reply.of(Wire.read(socket, clock, left(clock, until)));
    } catch (IllegalArgumentException mistake) {
      throw new IOException("the agent's answer is none: " + mistake.getMessage(), mistake);
    }
  }

  private static Duration left(Clock clock, long until) {
    return Duration.ofNanos(until - clock.nanos());
  }

  /** The kernel lets a caller wait without end while the door's queue is full. */
  private static void connect(SocketChannel socket, UnixDomainSocketAddress to, Duration within)
      throws IOException {
    FutureTask<Boolean> connected = new FutureTask<>(() -> socket.connect(to));
    Threads.platform("connect", connected).start();
    try {
      connected.get(within.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof IOException trouble
          ? trouble
          : new IOException("the door cannot be asked", failed.getCause());
    } catch (TimeoutException late) {
      throw new IOException("too many wait at the door " + to.getPath(), late);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted at the door", stop);
    }
  }

  @Override
  public void close() {
    stopping = true;
    thread.interrupt(); // of its select, its wait for a caller to go, or its pause
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
