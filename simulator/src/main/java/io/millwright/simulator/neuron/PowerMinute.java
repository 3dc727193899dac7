package io.millwright.simulator.neuron;

import java.util.Locale;

/**
 * The driver's power utilization: percent of an unpublished maximum without the background's, as
 * least, greatest and mean of the wall-clock minute that ended last.
 */
final class PowerMinute {
  private static final int FEWEST_SAMPLES = 60;
  private static final int MINUTE_SECONDS = 60;

  private String shown = "";
  private long minute = Long.MIN_VALUE;
  private double least;
  private double greatest;
  private double sum;
  private int samples;

  /** As after a minute at this power. */
  void begin(long epochSeconds, double percent) {
    minute = Math.floorDiv(epochSeconds, MINUTE_SECONDS);
    shown = line("VALID", percent, percent, percent);
    restart();
  }

  /** The driver was just loaded: there is no minute yet. */
  void beginAnew(long epochSeconds) {
    minute = Math.floorDiv(epochSeconds, MINUTE_SECONDS);
    shown = line("NO_DATA", 0, 0, 0);
    restart();
  }

  void sample(double percent) {
    least = Math.min(least, percent);
    greatest = Math.max(greatest, percent);
    sum += percent;
    samples++;
  }

  /** Shows the minute that has ended, if one has. */
  void roll(long epochSeconds) {
    long now = Math.floorDiv(epochSeconds, MINUTE_SECONDS);
    if (now == minute) {
      return;
    }
    minute = now;
    shown =
        samples >= FEWEST_SAMPLES
            ? line("VALID", least, greatest, sum / samples)
            : line("NO_DATA", 0, 0, 0);
    restart();
  }

  private void restart() {
    least = Double.MAX_VALUE;
    greatest = 0;
    sum = 0;
    samples = 0;
  }

  private String line(String status, double least, double greatest, double mean) {
    return String.format(
        Locale.ROOT,
        "POWER_STATUS_%s,%d,%.2f,%.2f,%.2f",
        status,
        minute * MINUTE_SECONDS,
        least,
        greatest,
        mean);
  }

  String shown() {
    return shown;
  }
}
