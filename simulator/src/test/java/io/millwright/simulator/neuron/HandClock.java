package io.millwright.simulator.neuron;

import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.time.Instant;

/** Time that a test moves; it begins at a whole minute. */
final class HandClock implements Clock {
  private static final Instant BEGIN = Instant.ofEpochSecond(1_800_000_000L);

  private long nanos = 1;

  void advance(Duration by) {
    nanos += by.toNanos();
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public Instant wall() {
    return BEGIN.plusNanos(nanos);
  }

  @Override
  public void parkUntil(long until) {
    nanos = Math.max(nanos, until);
  }
}
