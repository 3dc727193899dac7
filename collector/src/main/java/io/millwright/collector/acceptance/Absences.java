package io.millwright.collector.acceptance;

import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Since when nodes are away, counted from the collector's start at the earliest.
 *
 * <p><i>Threading:</i> the thread {@code control} owns it.
 */
final class Absences {
  /** After which a node that the rack map does not have is gone, as with incidents. */
  private static final Duration GONE = Duration.ofDays(7);

  private final Map<String, Long> sinceNanos = new HashMap<>();

  /** Which of these nodes are gone for good. */
  List<String> gone(
      FleetState fleet, Collection<String> nodes, Predicate<String> mapped, long nanos) {
    List<String> gone = new ArrayList<>();
    for (String node : nodes) {
      if (fleet.node(node).filter(one -> one.link(nanos) == Link.CONNECTED).isPresent()) {
        sinceNanos.remove(node);
        continue;
      }
      long since = sinceNanos.computeIfAbsent(node, first -> nanos);
      if (nanos - since >= GONE.toNanos() && !mapped.test(node)) {
        gone.add(node);
      }
    }
    return gone;
  }

  void forget(String node) {
    sinceNanos.remove(node);
  }
}
