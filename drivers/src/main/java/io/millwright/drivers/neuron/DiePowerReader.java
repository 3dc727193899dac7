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
import java.util.Arrays;

/**
 * {@code stats/power/utilization_raw}: a line {@code die,util_bips,counter}, then one of each die,
 * as in {@code 1,350,41} with hundredths of a percent, or {@code 1,unavailable}, {@code
 * 1,read_error}, {@code 1,bogus(70000),41}. How many dies there are is seen when it is opened.
 */
final class DiePowerReader implements NeuronReader {
  static final String FILE = "stats/power/utilization_raw";

  private static final byte[] HEADER = "die".getBytes(US_ASCII);
  private static final byte[] UNAVAILABLE = "unavailable".getBytes(US_ASCII);
  private static final byte[] READ_ERROR = "read_error".getBytes(US_ASCII);
  private static final char COMMA = ',';
  private static final int MOST_DIES = 8;
  private static final double WHOLE = 10_000;

  private final SysfsFile file;
  private final int dies;
  private final int first;
  private final boolean[] seen;

  DiePowerReader(
      NeuronFiles files, SysfsRound round, Accelerator accelerator, SeriesTable.Builder table) {
    file = files.open(FILE, Cadence.MEDIUM);
    dies = file.read(round) ? count(round.text()) : 0;
    first = table.size();
    for (int die = 0; die < dies; die++) {
      table.add(
          Cadence.MEDIUM,
          Series.of(
              Metric.ACCELERATOR_DIE_POWER_UTILIZATION_RATIO, accelerator, Integer.toString(die)));
    }
    seen = new boolean[dies];
  }

  private static int count(Text text) {
    int count = 0;
    boolean headed = text.line() && text.wordUntil(COMMA) && text.wordIs(HEADER);
    while (headed && text.line()) {
      count++;
    }
    return Math.min(count, MOST_DIES);
  }

  @Override
  public Cadence cadence() {
    return Cadence.MEDIUM;
  }

  @Override
  public void read(SysfsRound round, Readings readings, long nowNanos) {
    Arrays.fill(seen, false);
    boolean read = file.read(round);
    if (read) {
      take(round.text(), readings);
    }
    for (int die = 0; die < dies; die++) {
      if (!seen[die]) {
        readings.unavailable(first + die, read ? Fault.PARSE : file.fault());
      }
    }
  }

  private void take(Text text, Readings readings) {
    if (!text.line() || !text.wordUntil(COMMA) || !text.wordIs(HEADER)) {
      return;
    }
    while (text.line()) {
      if (text.nextNumberUntil(COMMA)
          && Long.compareUnsigned(text.number(), dies) < 0
          && text.skip(COMMA)) {
        takeDie((int) text.number(), text, readings);
      }
    }
  }

  private void takeDie(int die, Text text, Readings readings) {
    if (seen[die]) {
      return;
    }
    boolean number = text.nextNumberUntil(COMMA);
    if (number && text.number() >= 0 && text.number() <= WHOLE) {
      readings.measured(first + die, text.number() / WHOLE);
      seen[die] = true;
    } else if (text.wordIs(UNAVAILABLE) || text.wordIs(READ_ERROR)) {
      readings.unavailable(first + die, Fault.OTHER);
      seen[die] = true;
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
