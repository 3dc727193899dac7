package io.millwright.simulator;

import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.RoundResult;
import io.millwright.agent.lane.Tick;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Shows readings as their lane would that cannot be had from a tree: those of the bus of systemd,
 * of the launcher, which root must run, and of the kernel's own clock.
 */
final class ShownReadings implements Probe {
  private final List<Series> series;
  private final Readings readings;
  private final Map<Series, Double> values = new ConcurrentHashMap<>();
  private volatile boolean withdrawn;

  ShownReadings(Map<Series, Double> first) {
    series = new ArrayList<>(first.keySet());
    values.putAll(first);
    SeriesTable.Builder table = SeriesTable.builder();
    series.forEach(one -> table.add(Cadence.FAST, one));
    readings = new Readings(table.build());
  }

  void show(Series one, double value) {
    values.put(one, value);
  }

  /** Whether nothing is told any more, as by a source that fails. */
  void withdraw(boolean now) {
    withdrawn = now;
  }

  @Override
  public String name() {
    return "shown";
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
    if (withdrawn) {
      return List.of();
    }
    readings.at(tick.nanos());
    for (int i = 0; i < series.size(); i++) {
      readings.measured(i, values.getOrDefault(series.get(i), 0.0));
    }
    return List.of(readings.sample());
  }
}
