package io.millwright.drivers.neuron;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/** {@code reset}, which only root may read: 0 resetting, 1 ready, 2 invalid. */
final class StateReader implements NeuronReader {
  static final String FILE = "reset";

  /** By number. */
  private static final List<String> STATES = List.of("resetting", "ready", "invalid");

  private final Figure state;
  private final int first;

  StateReader(NeuronFiles files, Accelerator accelerator, SeriesTable.Builder table) {
    state = new Figure(files.open(FILE, Cadence.MEDIUM));
    first = table.size();
    for (String word : STATES) {
      table.add(Cadence.MEDIUM, Series.of(Metric.ACCELERATOR_DEVICE_STATE, accelerator, word));
    }
  }

  @Override
  public Cadence cadence() {
    return Cadence.MEDIUM;
  }

  @Override
  public void read(SysfsRound round, Readings readings, long nowNanos) {
    state.read(round);
    boolean known = state.known() && state.value() >= 0 && state.value() < STATES.size();
    for (int i = 0; i < STATES.size(); i++) {
      if (known) {
        readings.measured(first + i, state.value() == i ? 1 : 0);
      } else {
        readings.unavailable(first + i, state.known() ? Fault.PARSE : state.fault());
      }
    }
  }

  @Override
  public void close() {
    state.close();
  }
}
