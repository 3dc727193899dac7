package io.millwright.collector.rest;

import io.millwright.collector.control.VersionWatch;
import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.incidents.Incident;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.views.FleetVersionsView;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The fleet by the version of its agents. On the thread {@code rest}. */
public final class VersionViews {
  private static final int SCHEMA = 1;
  private static final double HOUR_NANOS = 3600e9;
  private static final double DAY_HOURS = 24;

  private final Supplier<FleetState> fleet;
  private final VersionWatch watch;
  private final Supplier<List<Incident>> incidents;
  private final Clock clock;

  /**
   * @param watch since when each node has its version
   * @param incidents open and closed ones
   */
  public VersionViews(
      Supplier<FleetState> fleet,
      VersionWatch watch,
      Supplier<List<Incident>> incidents,
      Clock clock) {
    this.fleet = fleet;
    this.watch = watch;
    this.incidents = incidents;
    this.clock = clock;
  }

  FleetVersionsView view() {
    FleetState now = fleet.get();
    Map<String, List<NodeState>> versions = new TreeMap<>();
    now.nodes()
        .values()
        .forEach(node ->
            versions.computeIfAbsent(node.agentVersion(), one -> new ArrayList<>()).add(node));
    List<Incident> all = incidents.get();
    long nanos = clock.nanos();
    return new FleetVersionsView(
        SCHEMA,
        versions.entrySet().stream()
            .map(one -> version(one.getKey(), one.getValue(), all, nanos))
            .sorted(Comparator.comparingInt(FleetVersionsView.Version::nodes).reversed())
            .toList());
  }

  private FleetVersionsView.Version version(
      String version, List<NodeState> nodes, List<Incident> all, long nanos) {
    long since = Long.MAX_VALUE;
    long sessions = 0;
    long events = 0;
    double hours = 0;
    Map<String, Long> begun = new TreeMap<>();
    for (NodeState node : nodes) {
      Optional<VersionWatch.Stay> looked =
          watch.stay(node.name()).filter(one -> one.version().equals(version));
      if (looked.isEmpty()) {
        continue; // it has it since a second at most
      }
      VersionWatch.Stay stay = looked.get();
      since = Math.min(since, stay.sinceMs());
      sessions += stay.sessions();
      events += watch.events(node.name(), stay);
      hours += (nanos - stay.sinceNanos()) / HOUR_NANOS;
      begun.put(node.name(), stay.sinceMs());
    }
    return new FleetVersionsView.Version(
        version,
        nodes.size(),
        count(nodes, Link.CONNECTED, nanos),
        count(nodes, Link.STALE, nanos),
        count(nodes, Link.LOST, nanos),
        count(nodes, Verdict.OK, nanos),
        count(nodes, Verdict.DEGRADED, nanos),
        count(nodes, Verdict.FAILED, nanos),
        count(nodes, Verdict.UNKNOWN, nanos),
        (int) nodes.stream().flatMap(node -> whole(node).stream()).count(),
        (int)
            nodes.stream()
                .filter(node -> node.link(nanos) == Link.CONNECTED)
                .flatMap(node -> whole(node).stream())
                .filter(AcceleratorState::up)
                .count(),
        begun.isEmpty() ? clock.wall().toEpochMilli() : since,
        sessions,
        events,
        hours < 1 ? OptionalDouble.empty() : OptionalDouble.of(events / hours * DAY_HOURS),
        (int) all.stream().filter(one -> openedSince(one, begun)).count(),
        (int) all.stream().filter(one -> one.open() && touches(one, begun)).count());
  }

  /** Without MIG instances, whose device is counted. */
  private static List<AcceleratorState> whole(NodeState node) {
    return node.accelerators().stream().filter(device -> !device.instance()).toList();
  }

  private static int count(List<NodeState> nodes, Link link, long nanos) {
    return (int) nodes.stream().filter(node -> node.link(nanos) == link).count();
  }

  private static int count(List<NodeState> nodes, Verdict verdict, long nanos) {
    return (int) nodes.stream().filter(node -> node.verdict(nanos) == verdict).count();
  }

  private static boolean touches(Incident incident, Map<String, Long> begun) {
    return incident.nodes().stream().anyMatch(begun::containsKey);
  }

  private static boolean openedSince(Incident incident, Map<String, Long> begun) {
    return incident.nodes().stream()
        .anyMatch(node -> incident.openedMs() >= begun.getOrDefault(node, Long.MAX_VALUE));
  }
}
