package io.millwright.agent.lane;

import io.millwright.drivers.CallWatch;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds a lane's calls against the clock.
 *
 * <p><i>Threading:</i> the lane's thread tells of its calls; any thread asks. Tells allocate
 * nothing.
 */
public final class CallClock implements CallWatch {
  private static final long IDLE = 0;

  private final Clock clock;
  private final CallTally tally;
  private final AtomicLong spentNanos = new AtomicLong();
  private volatile String call = "";
  private volatile long startedNanos = IDLE;

  public CallClock(Clock clock) {
    this(clock, CallTally.NONE);
  }

  /**
   * @param tally told of each call that has returned, on the lane's thread
   */
  public CallClock(Clock clock, CallTally tally) {
    this.clock = clock;
    this.tally = tally;
  }

  /**
   * A call that has not come back.
   *
   * @param call the C function
   * @param age how long it has been in flight
   */
  public record InFlight(String call, Duration age) {}

  @Override
  public void entered(String call) {
    this.call = call;
    startedNanos = clock.nanos();
  }

  @Override
  public long returned(String call, int code) {
    long took = clock.nanos() - startedNanos;
    startedNanos = IDLE;
    spentNanos.lazySet(spentNanos.get() + took); // one writer
    tally.count(call, code, took);
    return took;
  }

  /** The time of all calls that have returned since the lane began, in nanoseconds. */
  long spentNanos() {
    return spentNanos.get();
  }

  /** The call in flight for longer than this, if there is one. */
  public Optional<InFlight> inFlightBeyond(Duration deadline) {
    long started = startedNanos;
    if (started == IDLE) {
      return Optional.empty();
    }
    Duration age = Duration.ofNanos(clock.nanos() - started);
    return age.compareTo(deadline) > 0 ? Optional.of(new InFlight(call, age)) : Optional.empty();
  }

  /** When the call in flight will have taken longer than this; empty while there is none. */
  OptionalLong overdueAtNanos(Duration deadline) {
    long started = startedNanos;
    return started == IDLE
        ? OptionalLong.empty()
        : OptionalLong.of(started + deadline.toNanos() + 1);
  }
}
