package io.millwright.agent.launcher;

import java.util.List;
import java.util.Map;

/** What a run gets of a node's Neuron devices. */
public sealed interface NeuronGrant {

  /**
   * Whole devices.
   *
   * @param numbers of the devices, as in {@code /dev/neuron<N>}, ascending
   * @param cores logical cores by their numbers on the node, as in {@code 0-3,8-11}
   * @param coresPerLogical how many physical cores a logical one is, 1 or 2
   */
  record Given(List<Integer> numbers, String cores, int coresPerLogical) implements NeuronGrant {
    public Given {
      numbers = List.copyOf(numbers);
    }

    Map<String, String> variables() {
      return Map.of(
          "NEURON_RT_VISIBLE_CORES",
          cores,
          NeuronHost.CORES_PER_LOGICAL,
          Integer.toString(coresPerLogical));
    }
  }

  /** They cannot be given, in one sentence. */
  record Refused(String sentence) implements NeuronGrant {}
}
