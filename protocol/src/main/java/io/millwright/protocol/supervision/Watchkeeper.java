package io.millwright.protocol.supervision;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tells systemd when the service has begun its work, what it does, and that its loops turn.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #stop} once; where no systemd hears, neither does
 * anything. <i>Threading:</i> the thread {@code watchdog} looks; {@link #reload} from any one
 * thread. <i>Failure:</i> a loop that stands still is not said to be alive, so systemd ends the
 * process when the watchdog's time is over; it is told of once.
 */
public final class Watchkeeper {
  /** Looks in a watchdog's time, so that two may be late. */
  private static final int LOOKS = 4;

  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration FIRST_LOOK = Duration.ofMillis(20);

  private final Supervision supervision;
  private final Watched watched;
  private final Consumer<String> trouble;
  private final Clock clock;
  private final Duration pause;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile String refused = "";
  private volatile boolean ready;
  private String told = "";
  private boolean still;

  /**
   * @param trouble told, once each time, of a loop that stands still
   */
  public Watchkeeper(
      Supervision supervision, Watched watched, Consumer<String> trouble, Clock clock) {
    this.supervision = supervision;
    this.watched = watched;
    this.trouble = trouble;
    this.clock = clock;
    this.pause = supervision.watchdog().map(time -> time.dividedBy(LOOKS)).orElse(LOOK);
    this.thread = Threads.platform("watchdog", this::run);
  }

  public void start() {
    if (supervision.heard()) {
      thread.start();
    }
  }

  /** Says that an orderly stop begins; from then on systemd's time for stopping counts. */
  public void stop() {
    stopping = true;
    LockSupport.unpark(thread);
    supervision.stopping();
  }

  /**
   * Reads a configuration anew, between the two words that systemd awaits of it. Before the service
   * has begun its work the second would say that it has, so neither is said.
   *
   * @param reading does it; returns in one sentence why it was refused, empty where it was taken
   */
  public void reload(Supplier<Optional<String>> reading) {
    boolean asked = ready;
    if (asked) {
      supervision.reloading();
    }
    refused = reading.get().map(why -> "; refused: " + why).orElse("");
    if (asked) {
      supervision.ready(line());
    }
  }

  private void run() {
    while (!stopping) {
      look();
      clock.parkUntil(clock.nanos() + (ready ? pause : FIRST_LOOK).toNanos());
    }
  }

  private void look() {
    if (!ready && watched.missing().isEmpty()) {
      ready = true;
      told = line();
      supervision.ready(told);
    }
    if (ready && !stopping) {
      tell(line());
      feed(watched.standingStill());
    }
  }

  private void tell(String line) {
    if (!line.equals(told)) {
      told = line;
      supervision.status(line);
    }
  }

  private void feed(Optional<String> standing) {
    if (standing.isEmpty()) {
      supervision.alive();
    } else if (!still) {
      trouble.accept(standing.get());
    }
    still = standing.isPresent();
  }

  private String line() {
    return watched.missing().orElseGet(watched::status) + refused;
  }
}
