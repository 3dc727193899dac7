package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/**
 * {@code btime} of {@code /proc/stat}. The kernel corrects it with the clock, so it is read again
 * and again: a node that boots without knowing the time knows it later.
 */
final class BootTime implements Section {
  private final String node;
  private final ProcFile file;
  private final Text text;
  private final Keyed keyed = new Keyed("btime".getBytes(US_ASCII));
  private boolean read;
  private Fault fault = Fault.OTHER;
  private int index;

  BootTime(String node, ProcFile file, Text text) {
    this.node = node;
    this.file = file;
    this.text = text;
  }

  @Override
  public Cadence cadence() {
    return Cadence.SLOW;
  }

  @Override
  public boolean load() {
    read = file.readInto(text);
    fault = file.fault();
    if (read) {
      keyed.parse(text);
    }
    return false;
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    index = table.add(Cadence.SLOW, Series.of(Metric.NODE_BOOT_TIMESTAMP_SECONDS, node));
  }

  @Override
  public Round write(Readings readings) {
    if (!read || !keyed.known(0)) {
      readings.unavailable(index, read ? Fault.PARSE : fault);
      return Round.FAILED;
    }
    readings.measured(index, Text.toDouble(keyed.value(0)));
    return Round.ANSWERED;
  }

  @Override
  public void close() {
    file.close();
  }
}
