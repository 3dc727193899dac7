package io.millwright.simulator.neuron;

/**
 * The process that has a device open.
 *
 * @param pid of a process that may not exist
 * @param bytes of the device's memory
 * @param invented made by the model because the device is loaded and nobody was named
 */
record Owner(long pid, long bytes, boolean invented) {
  /** Above what Linux gives a process, so that it is no other's. */
  static final long INVENTED_PID = 5_000_000;

  Owner {
    if (pid <= 0 || bytes < 0) {
      throw new IllegalArgumentException("owner: pid " + pid + ", " + bytes + " bytes");
    }
  }
}
