package io.millwright.collector.operations;

import io.millwright.collector.placement.DeviceKey;
import java.util.Map;

/**
 * What stands now, for placement and for whoever looks.
 *
 * @param operations of which it was made
 * @param marks of the nodes of which there is something to say
 * @param withheld devices that get no new job, and why
 * @param nowMs wall clock at which it was made
 */
public record Board(
    Operations operations,
    Map<String, NodeMark> marks,
    Map<DeviceKey, String> withheld,
    long nowMs) {
  public static final Board EMPTY = new Board(Operations.NONE, Map.of(), Map.of(), 0);

  public Board {
    marks = Map.copyOf(marks);
    withheld = Map.copyOf(withheld);
  }

  public NodeMark mark(String node) {
    return marks.getOrDefault(node, NodeMark.IN_SERVICE);
  }
}
