package io.millwright.protocol.supervision;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether a loop still takes tasks: one is put into it, and must have run when it is looked at
 * again.
 *
 * <p><i>Threading:</i> one thread feels; the loop answers.
 */
public final class Pulse {
  private final Executor loop;
  private final AtomicBoolean waiting = new AtomicBoolean();

  public Pulse(Executor loop) {
    this.loop = loop;
  }

  /** Whether the task of the last time has run; the next one is on its way then. */
  public boolean felt() {
    if (waiting.get()) {
      return false;
    }
    waiting.set(true);
    try {
      loop.execute(() -> waiting.set(false));
      return true;
    } catch (RejectedExecutionException ended) {
      return false;
    }
  }
}
