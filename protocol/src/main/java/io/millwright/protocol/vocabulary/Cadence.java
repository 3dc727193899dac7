package io.millwright.protocol.vocabulary;

/**
 * How often a series is read: architecture.md, "A sample flows up". The periods are the site's to
 * set; a value older than two of its periods is no longer shown.
 */
public enum Cadence {
  /** Power, utilization, clocks, throttle reasons, temperatures: each tick. */
  FAST,
  /** Memory, limits, recovery action. */
  MEDIUM,
  /** ECC, remapped rows, thresholds, processes. */
  SLOW,
  /** Identity: read when the device is opened, never old while the device is known. */
  ONCE
}
