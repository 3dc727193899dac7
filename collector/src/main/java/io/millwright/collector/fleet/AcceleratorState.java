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
 * @param readings what it reads now
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
    DeviceReadings readings) {

  /** What it reads now, in the unit of the reading's name; empty where that is not measured. */
  public OptionalDouble value(DeviceReading reading) {
    return readings.value(reading);
  }

  /** Whether it is a MIG instance: its index is that of its device with its own number. */
  public boolean instance() {
    return index.contains(":");
  }
}
