package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/** The first three words of {@code /proc/loadavg}. */
final class LoadAverages implements Section {
  private static final String[] WINDOWS = {"1m", "5m", "15m"};

  private final String node;
  private final ProcFile file;
  private final Text text;
  private final double[] values = new double[WINDOWS.length];
  private boolean read;
  private Fault fault = Fault.OTHER;
  private int first;

  LoadAverages(String node, ProcFile file, Text text) {
    this.node = node;
    this.file = file;
    this.text = text;
  }

  @Override
  public Cadence cadence() {
    return Cadence.FAST;
  }

  @Override
  public boolean load() {
    read = file.readInto(text);
    fault = file.fault();
    if (read && !parsed()) {
      read = false;
      fault = Fault.PARSE;
    }
    return false;
  }

  private boolean parsed() {
    boolean parsed = text.line();
    for (int i = 0; parsed && i < WINDOWS.length; i++) {
      parsed = text.nextDecimal();
      values[i] = text.decimal();
    }
    return parsed;
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    for (int i = 0; i < WINDOWS.length; i++) {
      int index = table.add(Cadence.FAST, Series.of(Metric.NODE_LOAD_AVERAGE, node, WINDOWS[i]));
      first = i == 0 ? index : first;
    }
  }

  @Override
  public Round write(Readings readings) {
    for (int i = 0; i < WINDOWS.length; i++) {
      if (read) {
        readings.measured(first + i, values[i]);
      } else {
        readings.unavailable(first + i, fault);
      }
    }
    return read ? Round.ANSWERED : Round.FAILED;
  }

  @Override
  public void close() {
    file.close();
  }
}
