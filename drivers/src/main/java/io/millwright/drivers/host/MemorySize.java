package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.OptionalLong;

/** How much memory the kernel manages: OSHI's total, which is MemTotal of {@code /proc/meminfo}. */
final class MemorySize implements Section {
  private final String node;
  private final HostFacts facts;
  private OptionalLong bytes = OptionalLong.empty();
  private int index;

  MemorySize(String node, HostFacts facts) {
    this.node = node;
    this.facts = facts;
  }

  @Override
  public Cadence cadence() {
    return Cadence.SLOW;
  }

  @Override
  public boolean load() {
    bytes = facts.memorySizeBytes();
    return false;
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    index = table.add(Cadence.SLOW, Series.of(Metric.NODE_MEMORY_SIZE_BYTES, node));
  }

  @Override
  public Round write(Readings readings) {
    if (bytes.isEmpty()) {
      readings.unavailable(index, Fault.OTHER);
      return Round.FAILED;
    }
    readings.measured(index, (double) bytes.getAsLong());
    return Round.ANSWERED;
  }
}
