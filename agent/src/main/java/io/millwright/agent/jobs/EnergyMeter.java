package io.millwright.agent.jobs;

import java.util.Optional;

/**
 * The energy counters of the accelerators; asked on the thread {@code jobs}, so it must not wait.
 */
@FunctionalInterface
public interface EnergyMeter {

  /**
   * A counter that only grows.
   *
   * @param scope what it covers, as {@code gpu} or {@code module}
   */
  record Reading(double joules, String scope) {}

  /**
   * The counter of a device; empty where it has none, or was not read since then.
   *
   * @param sinceNanos monotonic time
   */
  Optional<Reading> read(String uuid, long sinceNanos);

  /** Asks for new readings of all devices, soon. */
  default void refresh() {}
}
