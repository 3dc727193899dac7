package io.millwright.collector.fleet;

import java.util.OptionalDouble;

/**
 * What an accelerator reads now. Each look asks the node's last sample, which may be newer than the
 * state that this was taken from; a value that is not measured is empty.
 *
 * <p><i>Threading:</i> may be asked from any thread.
 */
public interface DeviceReadings {

  /** One of which nothing is known. */
  DeviceReadings NONE = reading -> OptionalDouble.empty();

  /** The reading in the unit of its name. */
  OptionalDouble value(DeviceReading reading);
}
