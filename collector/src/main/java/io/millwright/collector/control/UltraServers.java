package io.millwright.collector.control;

import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.placement.Location;
import io.millwright.collector.racks.Place;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Where nodes stand, of Trainium by their driver's word.
 *
 * <p>An UltraServer of Trn3 is known by its reservation, one of Trn2 by the identity of the four
 * nodes that are joined, else of the two. The site's rack map has the last word.
 *
 * <p><i>Threading:</i> the thread {@code control}. A node's series are looked through once a table.
 */
final class UltraServers {
  private static final int NOWHERE = -1;

  private final Map<String, Found> found = new HashMap<>();

  /** Where in a table the node's place stands; {@link #NOWHERE} of one that tells none. */
  private record Found(SeriesTable table, int index) {}

  Location location(NodeState node, Place place) {
    List<String> labels = labels(node);
    return new Location(place.domain().or(() -> identity(labels)), position(labels), place.rack());
  }

  /** Forgets nodes that are no more. */
  void retain(Set<String> nodes) {
    found.keySet().retainAll(nodes);
  }

  /** None where the node tells no place now. */
  private List<String> labels(NodeState node) {
    SeriesTable table = node.sample().table();
    Found known = found.get(node.name());
    if (known == null || known.table() != table) {
      known = new Found(table, index(table));
      found.put(node.name(), known);
    }
    return known.index() != NOWHERE && node.sample().measured(known.index())
        ? table.series(known.index()).labelValues()
        : List.of();
  }

  private static int index(SeriesTable table) {
    for (int i = 0; i < table.size(); i++) {
      if (table.series(i).metric() == Metric.NODE_ULTRASERVER_INFO) {
        return i;
      }
    }
    return NOWHERE;
  }

  private static Optional<String> identity(List<String> labels) {
    return label(labels, "reservation_id")
        .or(() -> label(labels, "server_of_4"))
        .or(() -> label(labels, "server_of_2"));
  }

  /** By the same fact that names the UltraServer. */
  private static OptionalInt position(List<String> labels) {
    String name =
        label(labels, "reservation_id").isPresent()
            ? "ultraserver_node"
            : label(labels, "server_of_4").isPresent() ? "node_of_4" : "node_of_2";
    return label(labels, name)
        .filter(text -> text.matches("[0-9]{1,4}"))
        .map(text -> OptionalInt.of(Integer.parseInt(text)))
        .orElse(OptionalInt.empty());
  }

  private static Optional<String> label(List<String> labels, String name) {
    int own = labels.size() - Metric.NODE_ULTRASERVER_INFO.labels().size();
    return labels.isEmpty()
        ? Optional.empty()
        : Optional.of(labels.get(own + Metric.NODE_ULTRASERVER_INFO.labels().indexOf(name)))
            .filter(text -> !text.isEmpty());
  }
}
