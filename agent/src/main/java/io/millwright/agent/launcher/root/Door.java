package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.launcher.verb.VerbJson;
import io.millwright.agent.launcher.verb.Wire;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets those in who may come and nobody else, one verb a connection.
 *
 * <p><i>Threading:</i> the caller of {@link #serve} reads the verbs, in the order of the
 * connections, so that what an earlier agent asked for is known before a later one is answered;
 * each is carried out on a thread of its own, at most {@value #MOST} at once. <i>Failure:</i>
 * trouble with one connection ends that connection.
 */
public final class Door {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);
  private static final int MOST = 64;
  private static final Duration TO_ASK = Duration.ofSeconds(5);
  private static final Duration TO_HEAR = Duration.ofSeconds(5);

  private final ServerSocketChannel socket;
  private final Set<UserPrincipal> allowed;
  private final Function<Verb, Supplier<Answer>> desk;
  private final Duration idle;
  private final Clock clock;
  private final Semaphore free = new Semaphore(MOST);
  private int number;

  /**
   * @param desk what is to be done for a verb; asked on the thread of {@link #serve}
   * @param idle when nobody has asked for so long, it closes
   */
  public Door(
      ServerSocketChannel socket,
      Set<UserPrincipal> allowed,
      Function<Verb, Supplier<Answer>> desk,
      Duration idle,
      Clock clock) {
    this.socket = socket;
    this.allowed = Set.copyOf(allowed);
    this.desk = desk;
    this.idle = idle;
    this.clock = clock;
  }

  /** Returns when nobody has asked for so long and nothing is under way. */
  public void serve() throws IOException {
    serve(() -> false);
  }

  /**
   * As long as that.
   *
   * @param busy whether it is to go on though nobody has asked for so long
   */
  void serve(BooleanSupplier busy) throws IOException {
    socket.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      socket.register(selector, SelectionKey.OP_ACCEPT);
      while (selector.select(idle.toMillis()) > 0
          || free.availablePermits() < MOST
          || busy.getAsBoolean()) {
        selector.selectedKeys().clear();
        for (SocketChannel caller = socket.accept(); caller != null; caller = socket.accept()) {
          meet(caller);
        }
      }
    }
  }

  private void meet(SocketChannel caller) {
    try {
      UserPrincipal user = caller.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
      if (!allowed.contains(user)) {
        LOG.warn("a stranger was turned away user={}", user.getName());
        caller.close();
        return;
      }
      Verb verb = VerbJson.verb(Wire.read(caller, clock, TO_ASK));
      carryOut(caller, verb);
    } catch (Verb.Unreadable mistake) {
      answer(caller, new Answer.Refused(mistake.sentence()));
    } catch (IOException e) {
      LOG.warn("a caller could not be heard", e);
      close(caller);
    }
  }

  private void carryOut(SocketChannel caller, Verb verb) {
    if (!free.tryAcquire()) {
      answer(caller, new Answer.Later("too much is under way; ask again"));
      return;
    }
    Supplier<Answer> work = desk.apply(verb);
    number++;
    Threads.platform("verb-" + number, () -> finish(caller, work)).start();
  }

  private void finish(SocketChannel caller, Supplier<Answer> work) {
    try {
      answer(caller, work.get());
    } catch (RuntimeException | Error e) {
      LOG.error("a verb failed", e);
      close(caller); // what was done is not known, and the agent looks
    } finally {
      free.release();
    }
  }

  private void answer(SocketChannel caller, Answer answer) {
    try {
      Wire.write(caller, VerbJson.bytes(answer), clock, TO_HEAR);
    } catch (IOException gone) {
      LOG.info("the caller did not wait for its answer: {}", gone.getMessage());
    }
    close(caller);
  }

  private static void close(SocketChannel caller) {
    try {
      caller.close();
    } catch (IOException e) {
      LOG.debug("closing a connection failed", e);
    }
  }
}
