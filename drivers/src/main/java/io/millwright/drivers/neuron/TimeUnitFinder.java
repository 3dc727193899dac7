package io.millwright.drivers.neuron;

/**
 * Finds out in which unit a driver counts the time that its cores are in use. The documents say
 * microseconds of the execution under way; the driver's source treats the same counter as a sum of
 * picoseconds (neuron.md section 1.1). No unit is believed before the counter itself has shown it:
 *
 * <ul>
 *   <li>a core that is in use cannot gain more than the time that has passed, which rules out the
 *       units that are too large;
 *   <li>one that gains nearly as much, {@value #INTERVALS} intervals in a row, is a core that is
 *       busy, which rules out the units that are too small.
 * </ul>
 *
 * <p>So picoseconds are found by any steady load above a thousandth, because no larger unit fits
 * it; nanoseconds and microseconds by a core that is at least half busy. A counter that is only
 * added to when a process ends (drivers before 2.30.2) jumps and then stands still: what follows a
 * standstill does not count, and it never settles. What later intervals show overrules what earlier
 * ones did only by a smaller unit: that a unit is too large is proven, that it is too small never.
 *
 * <p><i>Threading:</i> one owner, the device's lane. Allocates nothing.
 */
final class TimeUnitFinder {
  static final int INTERVALS = 10;

  /** Readings are stamped with the beat that asked for them, not with their own time. */
  static final double MOST = 1.1;

  private static final double HALF = 0.5;
  private static final double NANOS = 1e-9;
  private static final double MICROS = 1e-6;
  private static final double PICOS = 1e-12;
  private static final double NONE = 0;

  private final double[] candidate;
  private final int[] row;
  private final boolean[] moving;
  private double secondsPerUnit = NONE;

  /**
   * @param cores whose counters are of one driver and so of one unit
   */
  TimeUnitFinder(int cores) {
    candidate = new double[cores];
    row = new int[cores];
    moving = new boolean[cores];
  }

  /**
   * What a core's counter has gained in an interval; a counter that went backwards says nothing.
   */
  void gained(int core, double units, double seconds) {
    if (!(units > 0) || !(seconds > 0)) {
      moving[core] = false;
      row[core] = 0;
      return;
    }
    if (!moving[core]) {
      moving[core] = true; // it may be the sum of much more than this interval
      return;
    }
    double fits = fitting(units / seconds);
    row[core] = fits == candidate[core] ? row[core] + 1 : 1;
    candidate[core] = fits;
    if (fits != NONE && row[core] >= INTERVALS && (!settled() || fits < secondsPerUnit)) {
      secondsPerUnit = fits;
    }
  }

  /** The only unit that a steady rate can be of; none where several could be. */
  private static double fitting(double unitsPerSecond) {
    if (unitsPerSecond * PICOS > MOST) {
      return NONE;
    }
    if (unitsPerSecond * NANOS > MOST) {
      return PICOS;
    }
    if (unitsPerSecond * NANOS >= HALF) {
      return NANOS;
    }
    double asMicros = unitsPerSecond * MICROS;
    return asMicros >= HALF && asMicros <= MOST ? MICROS : NONE;
  }

  boolean settled() {
    return secondsPerUnit != NONE;
  }

  /** Seconds in one unit of the counter; meaningless unless {@link #settled}. */
  double secondsPerUnit() {
    return secondsPerUnit;
  }
}
