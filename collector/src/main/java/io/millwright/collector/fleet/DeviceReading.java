package io.millwright.collector.fleet;

/** A reading of an accelerator that the collector itself looks at. */
public enum DeviceReading {
  /** Its own power, not that of a module it shares. */
  POWER_WATTS,

  /** From 0 to 1. */
  UTILIZATION,

  TEMPERATURE_CELSIUS,

  MEMORY_USED_BYTES,

  MEMORY_SIZE_BYTES,

  ENERGY_JOULES,

  /** What the processes on it hold, where its node tells that apart from what is used. */
  HELD_MEMORY_BYTES
}
