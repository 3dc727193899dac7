package io.millwright.drivers.nvml;

/**
 * What an energy counter covers, found out by comparing its difference with the integral of power
 * of each scope (operations-review.md B2: GH200's counter covers the whole module).
 *
 * <p>A trial lasts at least {@value #LEAST_SECONDS} s: the counter is renewed each 100 ms and the
 * power is a mean over 1 s. It is decided when exactly one scope agrees; else it goes on, and after
 * {@value #MOST_SECONDS} s begins anew. Pure; owned by one lane.
 */
final class EnergyScope {
  /** Not known yet. */
  static final int OPEN = -1;

  static final int LEAST_SECONDS = 10;
  static final int MOST_SECONDS = 60;

  /** Between counter and integral, as a share of the integral. */
  private static final double TOLERANCE = 0.1;

  private static final double NANOS = 1e9;
  private static final double LONGEST_STEP_SECONDS = 12;

  private final double[] integrals;
  private final double[] lastWatts;
  private final boolean[] told;
  private boolean begun;
  private long beganNanos;
  private long lastNanos;
  private double firstJoules;
  private double lastJoules;
  private int found = OPEN;

  EnergyScope(int scopes) {
    integrals = new double[scopes];
    lastWatts = new double[scopes];
    told = new boolean[scopes];
  }

  /** The index of the scope, or {@link #OPEN}. */
  int found() {
    return found;
  }

  /**
   * One reading of the counter with the power of the scopes at the same time.
   *
   * @param watts by scope
   * @param known which of them were told
   */
  void take(long nowNanos, double joules, double[] watts, boolean[] known) {
    if (found != OPEN) {
      return;
    }
    double step = (nowNanos - lastNanos) / NANOS;
    if (!begun || joules < lastJoules || step > LONGEST_STEP_SECONDS || lostOne(known)) {
      begin(nowNanos, joules, watts, known);
      return;
    }
    for (int i = 0; i < integrals.length; i++) {
      integrals[i] += (lastWatts[i] + watts[i]) / 2 * step;
      lastWatts[i] = watts[i];
    }
    lastNanos = nowNanos;
    lastJoules = joules;
    decide();
  }

  private boolean lostOne(boolean[] known) {
    for (int i = 0; i < told.length; i++) {
      if (told[i] != known[i]) {
        return true;
      }
    }
    return false;
  }

  private void begin(long nowNanos, double joules, double[] watts, boolean[] known) {
    begun = true;
    beganNanos = nowNanos;
    lastNanos = nowNanos;
    firstJoules = joules;
    lastJoules = joules;
    for (int i = 0; i < integrals.length; i++) {
      integrals[i] = 0;
      lastWatts[i] = watts[i];
      told[i] = known[i];
    }
  }

  private void decide() {
    double seconds = (lastNanos - beganNanos) / NANOS;
    if (seconds < LEAST_SECONDS) {
      return;
    }
    int agreeing = 0;
    int last = OPEN;
    for (int i = 0; i < integrals.length; i++) {
      if (told[i] && agrees(i)) {
        agreeing++;
        last = i;
      }
    }
    found = agreeing == 1 ? last : OPEN;
    begun = seconds < MOST_SECONDS;
  }

  private boolean agrees(int scope) {
    double counted = lastJoules - firstJoules;
    return integrals[scope] > 0
        && Math.abs(counted - integrals[scope]) <= TOLERANCE * integrals[scope];
  }
}
