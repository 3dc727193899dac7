package io.millwright.collector.acceptance;

import io.millwright.collector.acceptance.Standing.State;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Begins the site's test by itself on nodes whose equipment waits for it.
 *
 * <p><i>Threading:</i> the thread {@code control} owns it.
 */
final class TestStarts {
  private static final Duration AGAIN = Duration.ofMinutes(1);
  private static final Duration LONGEST_AGAIN = Duration.ofHours(1);
  private static final int MOST_DOUBLED = 6;

  private final TestSource tests;
  private final Site site;
  private final Map<String, Tries> tried = new HashMap<>();

  /**
   * How often a test was begun of the same equipment, and when it may be again.
   *
   * @param newest order of the node's test before it was begun last
   */
  private record Tries(long changedMs, int count, long begunNanos, long nextNanos, String newest) {}

  TestStarts(TestSource tests, Site site) {
    this.tests = tests;
    this.site = site;
  }

  /** Begins what is due and what there is room for; those that were tried least go first. */
  void begin(
      FleetState fleet,
      Map<String, NodeAcceptance> nodes,
      Map<String, Standing> standings,
      String test,
      long nanos) {
    Set<String> underWay = new HashSet<>();
    List<NodeAcceptance> due = new ArrayList<>();
    for (NodeAcceptance node : nodes.values()) {
      Standing standing = standings.get(node.node());
      if (standing == null || standing.state() == State.ACCEPTED) {
        continue;
      }
      if (standing.state() == State.TESTING || isOrdered(node.node(), test, nanos)) {
        underWay.add(node.node());
      } else if (standing.state() != State.FAILED && due(fleet, node, nanos)) {
        due.add(node);
      }
    }
    due.sort(Comparator.comparingInt(this::count).thenComparing(NodeAcceptance::node));
    List<String> wanted = due.stream().map(NodeAcceptance::node).toList();
    for (String name : site.room(wanted, underWay, fleet.nodes().size())) {
      Optional.ofNullable(nodes.get(name)).ifPresent(node -> begin(node, test, nanos));
    }
  }

  void forget(String node) {
    tried.remove(node);
  }

  /** It was begun, and its order does not show yet. */
  private boolean isOrdered(String node, String test, long nanos) {
    Tries tries = tried.get(node);
    return tries != null
        && nanos - tries.begunNanos() < AGAIN.toNanos()
        && tries.newest().equals(newest(node, test));
  }

  private String newest(String node, String test) {
    return tests.newest(node, test).map(TestSource.Run::order).orElse("");
  }

  /** A test that has failed is not begun again before something changes: people look first. */
  private boolean due(FleetState fleet, NodeAcceptance node, long nanos) {
    return fleet.node(node.node()).filter(one -> one.link(nanos) == Link.CONNECTED).isPresent()
        && !site.busy(node.node())
        && Optional.ofNullable(tried.get(node.node()))
            .filter(tries -> tries.changedMs() == node.changedMs())
            .filter(tries -> nanos - tries.nextNanos() < 0)
            .isEmpty();
  }

  private int count(NodeAcceptance node) {
    Tries before = tried.get(node.node());
    return before != null && before.changedMs() == node.changedMs() ? before.count() : 0;
  }

  private void begin(NodeAcceptance node, String test, long nanos) {
    int count = count(node);
    long wait = Math.min(LONGEST_AGAIN.toNanos(), AGAIN.toNanos() << Math.min(count, MOST_DOUBLED));
    tried.put(
        node.node(),
        new Tries(node.changedMs(), count + 1, nanos, nanos + wait, newest(node.node(), test)));
    tests.begin(node.node(), test, "acceptance of the node's equipment");
  }
}
