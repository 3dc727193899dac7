package io.millwright.agent.lane;

import io.millwright.agent.lane.Round.Outcome;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.Fault;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that does rounds on request, one at a time.
 *
 * <p><i>Lifecycle:</i> {@link #start}, then {@link #stop} once; a lane whose call never returns is
 * left behind as a daemon thread. <i>Threading:</i> requests from the sampler; the round on the
 * lane's own thread. <i>Failure:</i> what a round throws is this lane's failed round and nobody
 * else's.
 */
final class Lane {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  private final String name;
  private final Clock clock;
  private final Round round;
  private final LongSupplier offsetNanos;
  private final Thread thread;
  private final BlockingQueue<Tick> slot = new ArrayBlockingQueue<>(1);
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile boolean inside;
  private volatile boolean stopping;
  private volatile RoundResult last = new RoundResult.Rested();
  private boolean failing;
  private long rounds;

  /** A lane that begins its rounds at once. */
  Lane(String name, Clock clock, Round round) {
    this(name, clock, round, () -> 0);
  }

  /**
   * @param offsetNanos how long after the beat its rounds begin, asked at each
   */
  Lane(String name, Clock clock, Round round, LongSupplier offsetNanos) {
    this.offsetNanos = offsetNanos;
    this.name = name;
    this.clock = clock;
    this.round = round;
    this.thread = Threads.platform(name, this::run);
  }

  void start() {
    thread.start();
  }

  /** Asks for a round; refused while the one before has not ended. */
  boolean request(Tick tick) {
    if (stopping || !asked.compareAndSet(false, true)) {
      return false;
    }
    return slot.offer(tick);
  }

  /**
   * Whether a round is under way. One that waits for its turn is not yet: what it looks at, it
   * looks at after this has become true.
   */
  boolean busy() {
    return inside;
  }

  RoundResult last() {
    return last;
  }

  /** No round begins any more; interrupting would not end a native call and is not tried on one. */
  void stop() {
    stopping = true;
    LockSupport.unpark(thread); // it may wait for its turn
    if (!asked.get()) {
      thread.interrupt();
    }
  }

  /** Waits for the thread's end; whether it came. */
  boolean ended(Duration longest) throws InterruptedException {
    return !thread.isAlive() || thread.join(longest);
  }

  private void run() {
    try {
      while (!stopping) {
        Tick tick = slot.take();
        awaitTurn(tick.nanos() + offsetNanos.getAsLong());
        if (stopping) {
          tick.finished();
          break;
        }
        oneRound(tick);
      }
    } catch (InterruptedException stop) {
      LOG.debug("lane stopped name={}", name);
    }
    round.close();
  }

  private void awaitTurn(long atNanos) {
    while (!stopping && clock.nanos() - atNanos < 0) {
      clock.parkUntil(atNanos);
    }
  }

  private void oneRound(Tick tick) {
    long started = clock.nanos();
    Outcome outcome = outcome(tick);
    Duration took = Duration.ofNanos(clock.nanos() - started);
    last =
        switch (outcome) {
          case Outcome.Done() -> new RoundResult.Succeeded(nextRound(), took);
          case Outcome.Rested() -> last; // what was true before the rest still is
          case Outcome.Trouble(Fault fault) -> new RoundResult.Failed(nextRound(), took, fault);
        };
    asked.set(false);
    tick.finished();
  }

  private long nextRound() {
    rounds++;
    return rounds;
  }

  private Outcome outcome(Tick tick) {
    try {
      inside = true;
      Outcome outcome = round.run(tick);
      failing = false;
      return outcome;
    } catch (RuntimeException | Error e) {
      if (!failing) {
        LOG.error("round failed lane={}", name, e);
      }
      failing = true;
      return new Outcome.Trouble(Fault.OTHER);
    } finally {
      inside = false;
    }
  }
}
