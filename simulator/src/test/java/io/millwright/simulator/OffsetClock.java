package io.millwright.simulator;

import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** The machine's clock, which a test can put forward. */
final class OffsetClock implements Clock {
  private final AtomicLong offsetNanos = new AtomicLong();

  void advance(Duration by) {
    offsetNanos.addAndGet(by.toNanos());
  }

  @Override
  public long nanos() {
    return Clock.system().nanos() + offsetNanos.get();
  }

  @Override
  public Instant wall() {
    return Clock.system().wall().plusNanos(offsetNanos.get());
  }

  @Override
  public void parkUntil(long nanos) {
    Clock.system().parkUntil(nanos - offsetNanos.get());
  }
}
