package io.millwright.drivers.neuron;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millwright.drivers.host.Text;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/**
 * {@code stats/power/utilization}, as in {@code POWER_STATUS_VALID,1789180860,0.00,1.50,0.75}:
 * status, time, least, most and mean of the last minute of the clock, in percent of a maximum that
 * AWS does not publish, less what the device takes at rest. There are no watts to be had. A time
 * that does not go on is a minute that is past: it is not shown.
 */
final class PowerReader implements NeuronReader {
  static final String FILE = "stats/power/utilization";

  /** The whole field: {@code POWER_STATUS_INVALID} has the same end. */
  private static final byte[] VALID = "POWER_STATUS_VALID".getBytes(US_ASCII);

  /** The device has nothing to say. */
  private static final byte[][] SILENT = {
    "POWER_STATUS_NO_DATA".getBytes(US_ASCII),
    "POWER_STATUS_INVALID".getBytes(US_ASCII),
    "POWER_STATUS_MAX".getBytes(US_ASCII)
  };

  private static final double PERCENT = 100;
  private static final long LONGEST_MINUTE_NANOS = 180_000_000_000L;
  private static final char COMMA = ',';

  private final SysfsFile file;
  private final int least;
  private final int most;
  private final int mean;
  private boolean timed;
  private long epochSeconds;
  private long changedNanos;

  PowerReader(NeuronFiles files, Accelerator accelerator, SeriesTable.Builder table) {
    file = files.open(FILE, Cadence.MEDIUM);
    least = table.add(Cadence.MEDIUM, series(accelerator, "min"));
    most = table.add(Cadence.MEDIUM, series(accelerator, "max"));
    mean = table.add(Cadence.MEDIUM, series(accelerator, "avg"));
  }

  private static Series series(Accelerator accelerator, String stat) {
    return Series.of(Metric.ACCELERATOR_POWER_UTILIZATION_RATIO, accelerator, stat);
  }

  @Override
  public Cadence cadence() {
    return Cadence.MEDIUM;
  }

  @Override
  public void read(SysfsRound round, Readings readings, long nowNanos) {
    if (!file.read(round)) {
      unavailable(readings, file.fault());
      return;
    }
    Text text = round.text();
    if (!text.line() || !text.wordUntil(COMMA)) {
      unavailable(readings, Fault.PARSE);
    } else if (silent(text)) {
      unavailable(readings, Fault.OTHER);
    } else if (!text.wordIs(VALID) || !text.skip(COMMA) || !text.nextNumberUntil(COMMA)) {
      unavailable(readings, Fault.PARSE);
    } else if (past(text.number(), nowNanos)) {
      unavailable(readings, Fault.TIMEOUT);
    } else if (!percentages(text, readings)) {
      unavailable(readings, Fault.PARSE);
    }
  }

  private static boolean silent(Text text) {
    for (byte[] word : SILENT) {
      if (text.wordIs(word)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the minute has been the same for too long; by our own clock, not by the device's. */
  private boolean past(long epoch, long nowNanos) {
    if (!timed || epoch != epochSeconds) {
      timed = true;
      epochSeconds = epoch;
      changedNanos = nowNanos;
    }
    return nowNanos - changedNanos > LONGEST_MINUTE_NANOS;
  }

  private boolean percentages(Text text, Readings readings) {
    if (!text.skip(COMMA) || !text.nextDecimalUntil(COMMA)) {
      return false;
    }
    double lowest = text.decimal();
    if (!text.skip(COMMA) || !text.nextDecimalUntil(COMMA)) {
      return false;
    }
    double highest = text.decimal();
    if (!text.skip(COMMA) || !text.nextDecimalUntil(COMMA) || text.skip(COMMA)) {
      return false;
    }
    double average = text.decimal();
    if (lowest > average || average > highest || highest > PERCENT) {
      return false;
    }
    readings.measured(least, lowest / PERCENT);
    readings.measured(most, highest / PERCENT);
    readings.measured(mean, average / PERCENT);
    return true;
  }

  private void unavailable(Readings readings, Fault fault) {
    readings.unavailable(least, fault);
    readings.unavailable(most, fault);
    readings.unavailable(mean, fault);
  }

  @Override
  public void close() {
    file.close();
  }
}
