package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/** {@code oom_kill} of {@code /proc/vmstat}, which Linux has since 4.13. */
final class OomKills implements Section {
  private final String node;
  private final ProcFile file;
  private final Text text;
  private final Keyed keyed = new Keyed("oom_kill".getBytes(US_ASCII));
  private boolean read;
  private Fault fault = Fault.OTHER;
  private int index;

  OomKills(String node, ProcFile file, Text text) {
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
    if (read) {
      keyed.parse(text);
    }
    return false;
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    index = table.add(Cadence.FAST, Series.of(Metric.NODE_OOM_KILLS_TOTAL, node));
  }

  @Override
  public Round write(Readings readings) {
    if (!read) {
      readings.unavailable(index, fault);
      return Round.FAILED;
    }
    if (!keyed.known(0)) {
      keyed.missing(0, index, readings);
      return Round.ABSENT;
    }
    readings.measured(index, Text.toDouble(keyed.value(0)));
    return Round.ANSWERED;
  }

  @Override
  public void close() {
    file.close();
  }
}
