package io.millwright.agent.lane;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One beat of the sampler: the time that readings are stamped with, and the count of lanes that
 * have finished their round for it.
 */
public final class Tick {
  private final long sequence;
  private final long nanos;
  private final Semaphore finished = new Semaphore(0);

  /**
   * @param sequence from 1
   * @param nanos monotonic time of the beat
   */
  public Tick(long sequence, long nanos) {
    this.sequence = sequence;
    this.nanos = nanos;
  }

  public long sequence() {
    return sequence;
  }

  public long nanos() {
    return nanos;
  }

  /** A lane, or another probe, has done what this beat asks of it. */
  public void finished() {
    finished.release();
  }

  /** Waits for so many rounds, and no longer than this; whether all came. */
  public boolean awaitFinished(int rounds, Duration longest) throws InterruptedException {
    return finished.tryAcquire(rounds, longest.toNanos(), TimeUnit.NANOSECONDS);
  }
}
