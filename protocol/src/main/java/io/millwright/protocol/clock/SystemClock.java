package io.millwright.protocol.clock;

import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** The machine's clocks. */
enum SystemClock implements Clock {
  INSTANCE;

  @Override
  public long nanos() {
    long now = System.nanoTime();
    return now == 0 ? 1 : now;
  }

  @Override
  public Instant wall() {
    return Instant.now();
  }

  @Override
  public void parkUntil(long nanos) {
    long left = nanos - nanos();
    if (left > 0) {
      LockSupport.parkNanos(this, left);
    }
  }
}
