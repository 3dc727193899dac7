package io.millwright.simulator;

import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.RoundResult;
import io.millwright.agent.lane.Tick;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/**
 * Shows a remote file system as its lane would: a statvfs that hangs cannot be had without a
 * network file system.
 */
final class ShownMount implements Probe {
  private final Readings readings;
  private volatile boolean answers = true;

  ShownMount(String mountPoint, String type) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(
        Cadence.MEDIUM, Series.of(Metric.NODE_FILESYSTEM_RESPONSIVE, "node1", mountPoint, type));
    readings = new Readings(table.build());
  }

  void answer(boolean now) {
    answers = now;
  }

  @Override
  public String name() {
    return "remote";
  }

  @Override
  public boolean request(Tick tick) {
    return false;
  }

  @Override
  public RoundResult last() {
    return new RoundResult.Rested();
  }

  @Override
  public List<Sample> samples(Tick tick) {
    readings.at(tick.nanos());
    readings.measured(0, answers ? 1 : 0);
    return List.of(readings.sample());
  }
}
