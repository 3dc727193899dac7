package io.millwright.simulator;

/**
 * How often time may be put forward while something is waited for: what is slow is read late once,
 * and what needs its time many times over is wrong. After that only real time passes.
 */
final class Advances {
  private static final int MOST = 3;

  private int left = MOST;

  /** Puts time forward, if it may be once more. */
  void once(Runnable forward) {
    if (left > 0) {
      left--;
      forward.run();
    }
  }
}
