package io.millwright.drivers.neuron;

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
 * How busy the PE arrays of the tensor engines are: cycles of multiplying among those of
 * multiplying and idling since the last round, over all cores. Each file is read from the device
 * itself, so never more often than once a second.
 */
final class EngineReader implements NeuronReader {
  private static final String ENGINE = "pe";
  private static final List<String> ACTIVITIES = List.of("multiply", "load_weights", "idle");
  private static final long SHORTEST_NANOS = 900_000_000;

  private final List<EngineCycles> cores = new ArrayList<>();
  private final int active;
  private final int firstCycles;
  private final boolean cyclesWanted;
  private boolean everRead;
  private long readNanos;

  /**
   * @param numbers the cores that have the file
   */
  EngineReader(
      NeuronFiles files,
      List<Integer> numbers,
      Accelerator accelerator,
      SeriesTable.Builder table) {
    active =
        table.add(
            Cadence.MEDIUM, Series.of(Metric.ACCELERATOR_ENGINE_ACTIVE_RATIO, accelerator, ENGINE));
    firstCycles = table.size();
    cyclesWanted = table.wants(Metric.ACCELERATOR_CORE_ENGINE_CYCLES_TOTAL);
    for (int number : numbers) {
      cores.add(new EngineCycles(files.open(file(number), Cadence.MEDIUM)));
      if (cyclesWanted) {
        declareCycles(number, accelerator, table);
      }
    }
  }

  private static void declareCycles(
      int number, Accelerator accelerator, SeriesTable.Builder table) {
    for (String activity : ACTIVITIES) {
      table.add(
          Cadence.MEDIUM,
          Series.of(
              Metric.ACCELERATOR_CORE_ENGINE_CYCLES_TOTAL,
              accelerator,
              Integer.toString(number),
              ENGINE,
              activity));
    }
  }

  static String file(int core) {
    return "neuron_core" + core + "/stats/tensor_engine/pe_cntrs";
  }

  @Override
  public Cadence cadence() {
    return Cadence.MEDIUM;
  }

  @Override
  public void read(SysfsRound round, Readings readings, long nowNanos) {
    if (everRead && nowNanos - readNanos < SHORTEST_NANOS) {
      rest(readings);
      return;
    }
    double multiply = 0;
    double idle = 0;
    boolean any = false;
    Fault fault = Fault.OTHER;
    for (int i = 0; i < cores.size(); i++) {
      EngineCycles core = cores.get(i);
      core.read(round);
      multiply += core.gained(EngineCycles.MULTIPLY);
      idle += core.gained(EngineCycles.IDLE);
      any |= core.whole();
      fault = core.whole() ? fault : core.fault();
      if (cyclesWanted) {
        writeCycles(firstCycles + i * ACTIVITIES.size(), core, readings);
      }
    }
    if (multiply + idle > 0) {
      readings.measured(active, multiply / (multiply + idle));
    } else if (everRead || !any) {
      readings.unavailable(active, fault);
    }
    everRead = true;
    readNanos = nowNanos;
  }

  /** A site whose medium period is shorter than a second sees the last values until the next. */
  private void rest(Readings readings) {
    readings.resting(active, Cadence.SLOW);
    for (int i = 0; cyclesWanted && i < cores.size() * ACTIVITIES.size(); i++) {
      readings.resting(firstCycles + i, Cadence.SLOW);
    }
  }

  private static void writeCycles(int first, EngineCycles core, Readings readings) {
    for (int column = 0; column < ACTIVITIES.size(); column++) {
      if (core.whole()) {
        readings.measured(first + column, core.total(column));
      } else {
        readings.unavailable(first + column, core.fault());
      }
    }
  }

  @Override
  public void close() {
    cores.forEach(EngineCycles::close);
  }
}
