package io.millwright.drivers.neuron;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millwright.drivers.host.Text;
import io.millwright.protocol.vocabulary.Fault;

/**
 * {@code stats/tensor_engine/pe_cntrs} of one core: a line {@code
 * xrow_grp,mm_active,wl_active,idle}, then one of each row group with its cycles. The driver has a
 * buffer of 256 bytes for it: a line that did not fit is cut and dropped. It puts no further
 * newline behind the last line, which is therefore also taken without one where the buffer had room
 * left.
 */
final class EngineCycles implements AutoCloseable {
  private static final byte[] HEADER = "xrow_grp".getBytes(US_ASCII);
  private static final int BUFFER = 255;
  private static final int MOST_GROUPS = 8;
  private static final int COLUMNS = 3;
  private static final char COMMA = ',';

  static final int MULTIPLY = 0;
  static final int LOAD_WEIGHTS = 1;
  static final int IDLE = 2;

  private final SysfsFile file;
  private final double[][] cycles = new double[MOST_GROUPS][COLUMNS];
  private final double[][] before = new double[MOST_GROUPS][COLUMNS];
  private final boolean[] known = new boolean[MOST_GROUPS];
  private final boolean[] knownBefore = new boolean[MOST_GROUPS];
  private final double[] row = new double[COLUMNS];
  private boolean whole;
  private int groups;
  private Fault fault = Fault.NOT_FOUND;

  EngineCycles(SysfsFile file) {
    this.file = file;
  }

  void read(SysfsRound round) {
    for (int group = 0; group < MOST_GROUPS; group++) {
      System.arraycopy(cycles[group], 0, before[group], 0, COLUMNS);
      knownBefore[group] = known[group];
      known[group] = false;
    }
    groups = 0;
    whole = false;
    if (!file.read(round)) {
      fault = file.fault();
      return;
    }
    fault = Fault.PARSE;
    take(round.text());
  }

  private void take(Text text) {
    boolean fits = text.length() < BUFFER;
    if (!text.line() || !text.wordUntil(COMMA) || !text.wordIs(HEADER)) {
      return;
    }
    boolean good = true;
    while (text.line()) {
      good &= takeRow(text);
    }
    if (text.unfinishedLine()) {
      good &= fits && takeRow(text);
    }
    whole = good && fits && groups > 0;
  }

  private boolean takeRow(Text text) {
    if (!text.nextNumberUntil(COMMA) || Long.compareUnsigned(text.number(), MOST_GROUPS) >= 0) {
      return false;
    }
    int group = (int) text.number();
    for (int column = 0; column < COLUMNS; column++) {
      if (!text.skip(COMMA) || !text.nextNumberUntil(COMMA)) {
        return false;
      }
      row[column] = text.numberAsDouble();
    }
    if (known[group] || text.skip(COMMA) || text.word()) {
      return false;
    }
    System.arraycopy(row, 0, cycles[group], 0, COLUMNS);
    known[group] = true;
    groups++;
    return true;
  }

  /** Whether all row groups could be read. */
  boolean whole() {
    return whole;
  }

  /** Cycles of all row groups; meaningless unless {@link #whole}. */
  double total(int column) {
    double sum = 0;
    for (int group = 0; group < MOST_GROUPS; group++) {
      sum += known[group] ? cycles[group][column] : 0;
    }
    return sum;
  }

  /** Cycles since the reading before, of the row groups that were in both and did not go back. */
  double gained(int column) {
    double sum = 0;
    for (int group = 0; group < MOST_GROUPS; group++) {
      sum += grew(group) ? cycles[group][column] - before[group][column] : 0;
    }
    return sum;
  }

  private boolean grew(int group) {
    boolean grew = known[group] && knownBefore[group];
    for (int column = 0; column < COLUMNS; column++) {
      grew &= cycles[group][column] >= before[group][column];
    }
    return grew;
  }

  /** Why not all could be read. */
  Fault fault() {
    return fault;
  }

  @Override
  public void close() {
    file.close();
  }
}
