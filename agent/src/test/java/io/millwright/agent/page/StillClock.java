package io.millwright.agent.page;

import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that the test moves. */
public final class StillClock implements Clock {
  private final AtomicLong nanos = new AtomicLong(1);

  public void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public Instant wall() {
    return Instant.EPOCH.plusNanos(nanos.get());
  }

  @Override
  public void parkUntil(long until) {
    throw new UnsupportedOperationException("nobody waits here");
  }
}
