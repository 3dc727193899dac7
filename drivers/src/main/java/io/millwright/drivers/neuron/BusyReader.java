package io.millwright.drivers.neuron;

import io.millwright.drivers.host.Text;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.List;

/**
 * How long the cores were busy, from {@code nc_time_in_use}, once its unit is settled; until then
 * there is nothing. Utilization is what a core has gained since the last round; the device's is the
 * mean of its cores'.
 */
final class BusyReader implements NeuronReader {
  private static final double NANOS_PER_SECOND = 1e9;

  private final List<Figure> figures = new ArrayList<>();
  private final TimeUnitFinder unit;
  private final double[] last;
  private final long[] lastNanos;
  private final boolean[] hasLast;
  private final int first;
  private final int whole;

  /**
   * @param cores those that have the counter
   */
  BusyReader(
      NeuronFiles files, List<Integer> cores, Accelerator accelerator, SeriesTable.Builder table) {
    first = table.size();
    for (int core : cores) {
      String label = Integer.toString(core);
      figures.add(new Figure(files.open(file(files, core), Cadence.FAST)));
      table.add(
          Cadence.FAST, Series.of(Metric.ACCELERATOR_CORE_BUSY_SECONDS_TOTAL, accelerator, label));
      table.add(
          Cadence.FAST, Series.of(Metric.ACCELERATOR_CORE_UTILIZATION_RATIO, accelerator, label));
    }
    whole = table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UTILIZATION_RATIO, accelerator));
    unit = new TimeUnitFinder(cores.size());
    last = new double[cores.size()];
    lastNanos = new long[cores.size()];
    hasLast = new boolean[cores.size()];
  }

  static String file(NeuronFiles files, int core) {
    return files.counter("neuron_core" + core + "/stats/other_info/nc_time_in_use");
  }

  @Override
  public Cadence cadence() {
    return Cadence.FAST;
  }

  @Override
  public void read(SysfsRound round, Readings readings, long nowNanos) {
    double sum = 0;
    boolean all = true;
    for (int core = 0; core < figures.size(); core++) {
      double utilization = read(core, round, readings, nowNanos);
      all &= utilization >= 0;
      sum += utilization;
    }
    if (!unit.settled()) {
      return;
    }
    if (all) {
      readings.measured(whole, sum / figures.size());
    } else {
      readings.unavailable(whole, Fault.OTHER);
    }
  }

  /** A core's utilization, below zero where it is not known. */
  private double read(int core, SysfsRound round, Readings readings, long nowNanos) {
    Figure figure = figures.get(core);
    figure.read(round);
    if (!figure.known()) {
      hasLast[core] = false;
      unavailable(core, readings, figure.fault());
      return -1;
    }
    double now = Text.toDouble(figure.value());
    boolean interval = hasLast[core] && nowNanos - lastNanos[core] > 0;
    double gained = now - last[core];
    double seconds = (nowNanos - lastNanos[core]) / NANOS_PER_SECOND;
    last[core] = now;
    lastNanos[core] = nowNanos;
    hasLast[core] = true;
    if (interval) {
      unit.gained(core, gained, seconds);
    }
    return unit.settled() ? write(core, readings, now, interval ? gained / seconds : -1) : -1;
  }

  private double write(int core, Readings readings, double now, double unitsPerSecond) {
    readings.measured(busy(core), now * unit.secondsPerUnit());
    double utilization = unitsPerSecond * unit.secondsPerUnit();
    if (utilization < 0 || utilization > TimeUnitFinder.MOST) {
      readings.unavailable(utilization(core), Fault.OTHER);
      return -1;
    }
    double bounded = Math.min(1, utilization);
    readings.measured(utilization(core), bounded);
    return bounded;
  }

  private void unavailable(int core, Readings readings, Fault fault) {
    readings.unavailable(busy(core), fault);
    readings.unavailable(utilization(core), fault);
  }

  private int busy(int core) {
    return first + 2 * core;
  }

  private int utilization(int core) {
    return first + 2 * core + 1;
  }

  @Override
  public void close() {
    figures.forEach(Figure::close);
  }
}
