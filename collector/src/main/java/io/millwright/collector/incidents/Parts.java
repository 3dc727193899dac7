package io.millwright.collector.incidents;

import java.util.Map;
import java.util.Set;

/**
 * Which parts the connected nodes have.
 *
 * @param nodes the node that has a serial number
 * @param serials of devices, by their UUID
 * @param heard the nodes that tell of their devices now
 */
public record Parts(Map<String, String> nodes, Map<String, String> serials, Set<String> heard) {
  public Parts {
    nodes = Map.copyOf(nodes);
    serials = Map.copyOf(serials);
    heard = Set.copyOf(heard);
  }
}
