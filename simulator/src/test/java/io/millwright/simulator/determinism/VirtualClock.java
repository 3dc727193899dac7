package io.millwright.simulator.determinism;

import io.millwright.protocol.clock.Clock;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Stands until it is moved, and with it the time of all channels. */
final class VirtualClock implements Clock {
  static final Instant BEGIN = Instant.parse("2026-03-02T12:00:00Z");

  private final MockTicker ticker = Ticker.newMockTicker();
  private long nanos = 1;

  void pass(Duration time) {
    nanos += time.toNanos();
    ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  MockTicker ticker() {
    return ticker;
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
  public void parkUntil(long until) {}
}
