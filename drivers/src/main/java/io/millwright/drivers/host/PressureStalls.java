package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.Arrays;

/**
 * {@code total=} in the two lines of {@code /proc/pressure/<resource>}, in microseconds.
 * Unsupported on a kernel without it, on one booted with {@code psi=0}, where the file opens but
 * cannot be read, and for {@code full} of {@code cpu} before Linux 5.13.
 */
final class PressureStalls implements Section {
  private static final String[] KINDS = {"some", "full"};
  private static final byte[][] KIND_WORDS = {"some".getBytes(US_ASCII), "full".getBytes(US_ASCII)};
  private static final byte[] TOTAL = "total=".getBytes(US_ASCII);
  private static final double MICROSECONDS_PER_SECOND = 1e6;

  private final String node;
  private final String resource;
  private final ProcFile file;
  private final Text text;
  private final double[] seconds = new double[KINDS.length];
  private final boolean[] seen = new boolean[KINDS.length];
  private final boolean[] known = new boolean[KINDS.length];
  private boolean read;
  private int first;

  PressureStalls(String node, String resource, ProcFile file, Text text) {
    this.node = node;
    this.resource = resource;
    this.file = file;
    this.text = text;
  }

  @Override
  public Cadence cadence() {
    return Cadence.FAST;
  }

  @Override
  public boolean load() {
    Arrays.fill(seen, false);
    Arrays.fill(known, false);
    read = file.readInto(text);
    while (read && text.line()) {
      parseLine();
    }
    return false;
  }

  private void parseLine() {
    if (!text.word()) {
      return;
    }
    for (int kind = 0; kind < KINDS.length; kind++) {
      if (!seen[kind] && text.wordIs(KIND_WORDS[kind])) {
        seen[kind] = true;
        parseTotal(kind);
        return;
      }
    }
  }

  private void parseTotal(int kind) {
    while (text.word()) {
      if (text.wordBegins(TOTAL)) {
        known[kind] = text.nextNumber();
        seconds[kind] = text.numberAsDouble() / MICROSECONDS_PER_SECOND;
        return;
      }
    }
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    for (int kind = 0; kind < KINDS.length; kind++) {
      Series series =
          Series.of(Metric.NODE_PRESSURE_STALL_SECONDS_TOTAL, node, resource, KINDS[kind]);
      int index = table.add(Cadence.FAST, series);
      first = kind == 0 ? index : first;
    }
  }

  @Override
  public Round write(Readings readings) {
    boolean answered = false;
    for (int kind = 0; kind < KINDS.length; kind++) {
      answered |= writeKind(kind, readings);
    }
    if (answered) {
      return Round.ANSWERED;
    }
    return file.everRead() ? Round.FAILED : Round.ABSENT;
  }

  private boolean writeKind(int kind, Readings readings) {
    if (known[kind]) {
      readings.measured(first + kind, seconds[kind]);
    } else if (seen[kind]) {
      readings.unavailable(first + kind, Fault.PARSE);
    } else if (!read && file.everRead()) {
      readings.unavailable(first + kind, file.fault());
    } else {
      readings.unsupported(first + kind);
    }
    return known[kind];
  }

  @Override
  public void close() {
    file.close();
  }
}
