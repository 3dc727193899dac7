package io.millwright.agent.launcher.root;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * The places of a node near some devices; none where that is not known of each of them.
 *
 * @param processors by number
 * @param memory NUMA nodes by number
 */
record Near(Collection<Integer> processors, Collection<Integer> memory) {
  static final Near UNKNOWN = new Near(List.of(), List.of());

  Near {
    processors = List.copyOf(new TreeSet<>(processors));
    memory = List.copyOf(new TreeSet<>(memory));
  }

  boolean known() {
    return !processors.isEmpty() && !memory.isEmpty();
  }
}
