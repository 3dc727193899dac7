package io.millwright.collector.trust;

import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.time.Instant;

/** A wall clock that a test sets; the rest is the machine's. */
public final class TestClock implements Clock {
  private volatile Instant wall;

  public TestClock(Instant wall) {
    this.wall = wall;
  }

  public void pass(Duration time) {
    wall = wall.plus(time);
  }

  @Override
  public Instant wall() {
    return wall;
  }

  @Override
  public long nanos() {
    return Clock.system().nanos();
  }

  @Override
  public void parkUntil(long nanos) {
    Clock.system().parkUntil(nanos);
  }
}
