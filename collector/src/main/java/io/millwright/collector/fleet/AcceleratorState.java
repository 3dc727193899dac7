package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One accelerator as its node last told it.
 *
 * @param index number on the node
 * @param up whether it answers
 * @param divided whether it is split into MIG instances, or may be at any time, or its driver does
 *     not say
 * @param told how its agent judges it; empty where the agent judges nothing, as older ones do
 * @param stuckCall the native call that does not return
 * @param powerWatts its own, not that of a module it shares
 * @param utilization from 0 to 1
 * @param heldMemoryBytes what the processes on it hold, where its node tells that apart from what
 *     is used
 */
public record AcceleratorState(
    String index,
    String uuid,
    String vendor,
    String model,
    boolean simulated,
    boolean up,
    boolean divided,
    Optional<Verdict> told,
    Optional<String> stuckCall,
    OptionalDouble powerWatts,
    OptionalDouble utilization,
    OptionalDouble temperatureCelsius,
    OptionalDouble memoryUsedBytes,
    OptionalDouble memorySizeBytes,
    OptionalDouble energyJoules,
    OptionalDouble heldMemoryBytes) {

  /** Whether it is a MIG instance: its index is that of its device with its own number. */
  public boolean instance() {
    return index.contains(":");
  }
}
