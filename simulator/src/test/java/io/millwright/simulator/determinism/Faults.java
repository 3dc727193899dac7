package io.millwright.simulator.determinism;

import java.util.Random;

/**
 * How often what goes wrong in a history: once in so many steps, 0 for never.
 *
 * @param kind what it is about
 * @param steps how long the faults last
 * @param cut a connection breaks
 * @param crashAgent now, or at one of its next writes
 * @param crashCollector now, or at one of its next transactions
 * @param pause an agent or a collector stands still for a while
 * @param pauseKeeper the collector's keeper of events does
 * @param full a disk takes nothing
 * @param reboot a machine loses its power, with what was not synchronised
 * @param lose a node loses its journal
 * @param split a copy of the store is started beside it
 * @param restore a backup is made, and later takes the place of the store
 * @param want somebody submits a job
 * @param cancel somebody cancels one
 * @param held bytes of a connection stay under way for this step
 * @param restarts one in so many jobs asks to be begun again
 * @param off a node is off, or cannot be reached, for longer
 * @param lost somebody declares a node lost
 */
record Faults(
    Kind kind,
    int steps,
    int cut,
    int crashAgent,
    int crashCollector,
    int pause,
    int pauseKeeper,
    int full,
    int reboot,
    int lose,
    int split,
    int restore,
    int want,
    int cancel,
    int held,
    int restarts,
    int off,
    int lost) {
  private static final int STEPS = 11;

  /** What a history is about. */
  enum Kind {
    /** Anything, each history with other frequencies. */
    ANY,
    /** A copy of a store answers for a while, and then the older one again: {@link Twins}. */
    TWINS,
    /** A backup takes the place of the store. */
    RESTORED,
    /** Nodes lose their journals, and machines their power. */
    AMNESIA,
    /** Nodes refuse, over a slow network. */
    FULL_DISKS,
    /** Sessions break while their events wait to be kept. */
    SLOW_KEEPER,
    /** Agents and collectors die again and again, at their writes. */
    CRASHES,
    /** Jobs fail of every cause, and ask to be begun again. */
    RESTARTS,
    /** Nodes are off for longer, and people declare them lost; some were only cut off. */
    LOST,
    /** All jobs are of two nodes, and somebody dies or refuses before all of one begins. */
    GANGS,
    /** Jobs are stopped with their leases, and nodes are cut off for longer than those last. */
    LEASES
  }

  static Faults of(Random random) {
    return switch (random.nextInt(20)) {
      case 0, 1 -> twins();
      case 2 -> restored(random);
      case 3 -> amnesia(random);
      case 4, 5 -> fullDisks(random);
      case 6 -> slowKeeper(random);
      case 7 -> crashes(random);
      case 8, 9 -> restarts(random);
      case 10, 11 -> lost(random);
      case 12, 13 -> gangs(random);
      case 14, 15 -> leases(random);
      default -> any(random);
    };
  }

  private static Faults any(Random random) {
    int steps = random.nextInt(8) == 0 ? 2 * STEPS : STEPS;
    return new Faults(
        Kind.ANY,
        steps,
        often(random, 8),
        often(random, 12),
        often(random, 12),
        often(random, 8),
        often(random, 12),
        often(random, 20),
        rarely(random, 6, steps),
        rarely(random, 10, steps),
        rarely(random, 6, steps) / 4,
        rarely(random, 8, steps) / 2,
        3,
        12,
        4,
        often(random, 3),
        rarely(random, 4, steps),
        3);
  }

  private static int often(Random random, int about) {
    return random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(2 * about);
  }

  private static int rarely(Random random, int oneIn, int steps) {
    return random.nextInt(oneIn) == 0 ? steps : 0;
  }

  private static Faults twins() {
    return new Faults(Kind.TWINS, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 0, 0);
  }

  private static Faults restored(Random random) {
    int crash = often(random, 12);
    return new Faults(Kind.RESTORED, STEPS, 8, crash, 16, 16, 0, 0, 0, 0, 0, 4, 2, 4, 4, 2, 0, 0);
  }

  private static Faults amnesia(Random random) {
    int reboot = often(random, 5);
    return new Faults(Kind.AMNESIA, STEPS, 10, 8, 20, 0, 0, 0, reboot, 5, 0, 0, 2, 12, 4, 2, 0, 0);
  }

  private static Faults fullDisks(Random random) {
    int crash = often(random, 8);
    return new Faults(Kind.FULL_DISKS, STEPS, 0, crash, 0, 0, 0, 2, 0, 0, 0, 0, 1, 12, 2, 4, 0, 0);
  }

  private static Faults slowKeeper(Random random) {
    int crash = often(random, 10);
    return new Faults(Kind.SLOW_KEEPER, STEPS, 4, 8, crash, 0, 3, 0, 0, 0, 0, 0, 2, 12, 6, 0, 0, 0);
  }

  private static Faults crashes(Random random) {
    int reboot = often(random, 6);
    return new Faults(Kind.CRASHES, STEPS, 0, 2, 4, 0, 0, 0, reboot, 0, 0, 0, 2, 8, 6, 3, 0, 0);
  }

  private static Faults restarts(Random random) {
    int crash = often(random, 10);
    int reboot = often(random, 8);
    int lose = rarely(random, 3, 8);
    return new Faults(
        Kind.RESTARTS, 16, 12, crash, 16, 0, 0, 8, reboot, lose, 0, 0, 2, 16, 6, 1, 0, 0);
  }

  private static Faults lost(Random random) {
    int crash = often(random, 10);
    int lose = rarely(random, 6, 12);
    return new Faults(Kind.LOST, 18, 16, crash, 16, 0, 0, 0, 0, lose, 0, 0, 2, 12, 6, 1, 5, 2);
  }

  private static Faults leases(Random random) {
    int cut = often(random, 12);
    int crash = often(random, 12);
    int reboot = rarely(random, 4, 20);
    int lose = rarely(random, 5, 20);
    return new Faults(
        Kind.LEASES, 50, cut, crash, 20, 12, 0, 0, reboot, lose, 0, 0, 1, 40, 8, 1, 10, 1);
  }

  private static Faults gangs(Random random) {
    int crash = often(random, 5);
    int full = often(random, 6);
    int lose = rarely(random, 4, 8);
    int restore = rarely(random, 4, 4);
    return new Faults(
        Kind.GANGS, 16, 10, crash, 6, 16, 0, full, 0, lose, 0, restore, 1, 16, 3, 3, 12, 0);
  }
}
