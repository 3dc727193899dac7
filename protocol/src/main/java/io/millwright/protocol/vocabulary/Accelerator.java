package io.millwright.protocol.vocabulary;

import java.util.List;

/**
 * Identity of one accelerator, as it stands in the labels of all its series.
 *
 * @param node name of the node it sits in
 * @param index number on the node; a MIG instance has its parent's and its own, as in {@code 3:gi1}
 * @param uuid identity that outlives a reboot and a change of slots
 * @param vendor {@code nvidia} or {@code aws}
 * @param model the vendor's name of the product
 * @param simulated whether the library behind it is the simulator's
 */
public record Accelerator(
    String node, String index, String uuid, String vendor, String model, boolean simulated) {

  /** The values of {@link Metric.Scope#ACCELERATOR}, in order. */
  public List<String> labelValues() {
    return List.of(node, index, uuid, vendor, model);
  }
}
