package io.millwright.collector.control;

import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.placement.Location;
import io.millwright.collector.racks.Place;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Where nodes stand, by their drivers' word.
 *
 * <p>An UltraServer of Trn3 is known by its reservation, one of Trn2 by the identity of the four
 * nodes that are joined, else of the two; a domain of NVLink by cluster and clique, where all GPUs
 * of the node are of one, and the place in it by the number of the tray. The site's rack map has
 * the last word.
 *
 * <p><i>Threading:</i> the thread {@code control}. A node's series are looked through once a table.
 */
final class Locations {
  private final Map<String, Found> found = new HashMap<>();

  /** Where in a table the facts of the node's place stand. */
  private record Found(SeriesTable table, List<Integer> places) {}

  Location location(NodeState node, Place place) {
    List<String> server = List.of();
    Set<String> cliques = new HashSet<>();
    OptionalInt tray = OptionalInt.empty();
    for (int at : places(node)) {
      Series series = node.sample().table().series(at);
      if (node.sample().measured(at)) {
        switch (series.metric()) {
          case NODE_ULTRASERVER_INFO -> server = series.labelValues();
          case ACCELERATOR_FABRIC_INFO -> cliques.add(clique(series));
          default -> tray = number(own(series, "tray"));
        }
      }
    }
    Optional<String> domain =
        identity(server)
            .or(() -> cliques.size() == 1 ? cliques.stream().findFirst() : Optional.empty());
    OptionalInt position = position(server);
    return new Location(
        place.domain().or(() -> domain), position.isPresent() ? position : tray, place.rack());
  }

  /** Forgets nodes that are no more. */
  void retain(Set<String> nodes) {
    found.keySet().retainAll(nodes);
  }

  private List<Integer> places(NodeState node) {
    SeriesTable table = node.sample().table();
    Found known = found.get(node.name());
    if (known == null || known.table() != table) {
      known = new Found(table, look(table));
      found.put(node.name(), known);
    }
    return known.places();
  }

  private static List<Integer> look(SeriesTable table) {
    return IntStream.range(0, table.size())
        .filter(i ->
            switch (table.series(i).metric()) {
              case NODE_ULTRASERVER_INFO, ACCELERATOR_FABRIC_INFO, ACCELERATOR_SLOT_INFO -> true;
              default -> false;
            })
        .boxed()
        .toList();
  }

  private static String clique(Series series) {
    return own(series, "cluster_uuid").orElse("") + "/" + own(series, "clique_id").orElse("");
  }

  private static Optional<String> own(Series series, String name) {
    return Optional.of(series.labelValues().get(series.metric().labels().indexOf(name)))
        .filter(text -> !text.isEmpty());
  }

  private static OptionalInt number(Optional<String> label) {
    return label
        .filter(text -> text.matches("[0-9]{1,4}"))
        .map(text -> OptionalInt.of(Integer.parseInt(text)))
        .orElse(OptionalInt.empty());
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
    return number(label(labels, name));
  }

  private static Optional<String> label(List<String> labels, String name) {
    int own = labels.size() - Metric.NODE_ULTRASERVER_INFO.labels().size();
    return labels.isEmpty()
        ? Optional.empty()
        : Optional.of(labels.get(own + Metric.NODE_ULTRASERVER_INFO.labels().indexOf(name)))
            .filter(text -> !text.isEmpty());
  }
}
