package io.millwright.drivers.nvml;

import io.millwright.protocol.vocabulary.Cadence;

/** Reads the families of one idea; its constructor has put their series into the device's table. */
interface Reader {

  /** Reads what is due at this cadence, and nothing at any other. */
  void read(Cadence cadence, DeviceCalls calls);

  /** What was refused may be there now. */
  default void askAnew() {}

  /** Gives back what it holds of the driver and of native memory; nothing is read after it. */
  default void close(DeviceCalls calls) {}
}
