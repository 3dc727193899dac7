package io.millwright.drivers.neuron.monitor;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One core over all runtimes: each of them lists every core, with zeros for those it does not use.
 *
 * @param index neuron-monitor's own: logical, over all devices. On Trn2 and Trn3 a user saw it in
 *     another order than {@code NEURON_RT_VISIBLE_CORES} has
 * @param tag of the runtime that uses the core most
 * @param utilization the highest of any runtime, 0 to 1; empty where none says
 * @param memoryBytes device memory of all runtimes together, by {@link #CATEGORIES}
 */
public record CoreUse(
    int index, String tag, OptionalDouble utilization, Map<String, Long> memoryBytes) {
  /** What device memory is used for. */
  public static final List<String> CATEGORIES =
      List.of("constants", "model_code", "shared_scratchpad", "runtime", "tensors");

  public CoreUse {
    memoryBytes = Map.copyOf(memoryBytes);
  }
}
