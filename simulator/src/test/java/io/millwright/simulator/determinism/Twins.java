package io.millwright.simulator.determinism;

import java.util.Random;

/**
 * A copy of a store is started beside it while grants are under way, its collector alone is reached
 * for a while and jobs are cancelled there; then it is the older one again, under a higher term,
 * which never heard of that. No node may begin then what it was told to stop.
 */
final class Twins {
  private final int held;
  private final int split;
  private final int back;

  Twins(Random random) {
    held = 4 + random.nextInt(4);
    split = held + 1 + random.nextInt(3);
    back = split + 4 + random.nextInt(4);
  }

  /** Whether grants stay under way. */
  boolean holds(int step) {
    return step >= held && step <= split;
  }

  /** Whether the copy is made in this step. */
  boolean splits(int step) {
    return step == split;
  }

  /** Whether the older one starts anew, and has a higher term by that. */
  boolean restarts(int step) {
    return step == split + 1 || step == back - 1;
  }

  /** Whether jobs are cancelled at the copy. */
  boolean cancels(int step) {
    return step > split && step < back;
  }

  /** Whether the older one is reached again, and the copy no more. */
  boolean swaps(int step) {
    return step == back;
  }
}
