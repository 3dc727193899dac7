package io.millwright.collector.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All nodes by name, and what happened of late. Each change makes a new one.
 *
 * @param nodes in the order of their names
 * @param events the newest last, at most {@value #MOST_EVENTS}
 */
public record FleetState(Map<String, NodeState> nodes, List<FleetEvent> events) {
  public static final FleetState EMPTY = new FleetState(Map.of(), List.of());
  static final int MOST_EVENTS = 1000;

  public FleetState {
    nodes = NodeMap.of(nodes);
    events = List.copyOf(events);
  }

  public Optional<NodeState> node(String name) {
    return Optional.ofNullable(nodes.get(name));
  }

  /** With these nodes instead of those of their names. */
  public FleetState with(Map<String, NodeState> changed) {
    return changed.isEmpty() ? this : new FleetState(NodeMap.of(nodes).with(changed), events);
  }

  /** With one more event, numbered after the last. */
  public FleetState with(long wallMs, String kind, String subject, String message) {
    return with(wallMs, kind, subject, message, "");
  }

  /**
   * With one more event, numbered after the last.
   *
   * @param ticket under which the part is returned that it happened to; empty where none is
   */
  public FleetState with(long wallMs, String kind, String subject, String message, String ticket) {
    return with(List.of(new Happening(wallMs, kind, subject, message, ticket)));
  }

  /** With these events, numbered after the last; all at once, for a storm has thousands. */
  FleetState with(List<Happening> happenings) {
    if (happenings.isEmpty()) {
      return this;
    }
    List<FleetEvent> next = new ArrayList<>(events);
    long sequence = events.isEmpty() ? 1 : events.getLast().sequence() + 1;
    for (Happening happening : happenings) {
      next.add(happening.numbered(sequence));
      sequence++;
    }
    return new FleetState(nodes, next.subList(Math.max(0, next.size() - MOST_EVENTS), next.size()));
  }
}
