package io.millwright.protocol.vocabulary;

/**
 * One value as the edges see it. Inside drivers and sampler readings are primitive arrays ({@link
 * Readings}); this is their form where a switch must not forget a case.
 */
public sealed interface Reading {

  /** A value in the metric's base unit. */
  record Measured(double value) implements Reading {}

  /** The device does not have it: absent everywhere, never 0, -1 or NaN. */
  record Unsupported() implements Reading {}

  /** The device has it, but it could not be read now or is too old. */
  record Unavailable(Fault fault) implements Reading {}
}
