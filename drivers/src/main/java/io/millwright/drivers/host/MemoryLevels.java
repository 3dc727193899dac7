package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/**
 * Memory available and swap in use, from {@code /proc/meminfo}: MemAvailable, and SwapTotal less
 * SwapFree (0 on a node without swap). The size of the memory is {@link MemorySize}'s.
 */
final class MemoryLevels implements Section {
  private static final byte[][] KEYS = {
    "MemAvailable:".getBytes(US_ASCII),
    "SwapTotal:".getBytes(US_ASCII),
    "SwapFree:".getBytes(US_ASCII)
  };
  private static final int AVAILABLE = 0;
  private static final int SWAP_TOTAL = 1;
  private static final int SWAP_FREE = 2;
  private static final double BYTES_PER_KIBIBYTE = 1024;

  private final String node;
  private final ProcFile file;
  private final Text text;
  private final Keyed keyed = new Keyed(KEYS);
  private boolean read;
  private Fault fault = Fault.OTHER;
  private int available;
  private int swapUsed;

  MemoryLevels(String node, ProcFile file, Text text) {
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
    available = table.add(Cadence.FAST, Series.of(Metric.NODE_MEMORY_AVAILABLE_BYTES, node));
    swapUsed = table.add(Cadence.FAST, Series.of(Metric.NODE_MEMORY_SWAP_USED_BYTES, node));
  }

  @Override
  public Round write(Readings readings) {
    if (!read) {
      readings.unavailable(available, fault);
      readings.unavailable(swapUsed, fault);
      return Round.FAILED;
    }
    boolean first = writeAvailable(readings);
    boolean second = writeSwap(readings);
    return first || second ? Round.ANSWERED : Round.FAILED;
  }

  private boolean writeAvailable(Readings readings) {
    if (keyed.known(AVAILABLE)) {
      readings.measured(available, Text.toDouble(keyed.value(AVAILABLE)) * BYTES_PER_KIBIBYTE);
      return true;
    }
    keyed.missing(AVAILABLE, available, readings);
    return false;
  }

  private boolean writeSwap(Readings readings) {
    if (!keyed.known(SWAP_TOTAL) || !keyed.known(SWAP_FREE)) {
      keyed.missing(keyed.known(SWAP_TOTAL) ? SWAP_FREE : SWAP_TOTAL, swapUsed, readings);
      return false;
    }
    double used = Text.toDouble(keyed.value(SWAP_TOTAL)) - Text.toDouble(keyed.value(SWAP_FREE));
    if (used < 0) {
      readings.unavailable(swapUsed, Fault.PARSE);
      return false;
    }
    readings.measured(swapUsed, used * BYTES_PER_KIBIBYTE);
    return true;
  }

  @Override
  public void close() {
    file.close();
  }
}
