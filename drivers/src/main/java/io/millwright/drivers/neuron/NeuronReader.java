package io.millwright.drivers.neuron;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Readings;

/**
 * Reads the families of one idea; its constructor has put the series of the files that are there
 * into the device's table.
 */
interface NeuronReader extends AutoCloseable {
  Cadence cadence();

  /**
   * Reads and writes all of it.
   *
   * @param nowNanos monotonic time of the round
   */
  void read(SysfsRound round, Readings readings, long nowNanos);

  @Override
  void close();
}
