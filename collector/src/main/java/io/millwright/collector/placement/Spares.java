package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Nodes of each NVLink domain that new jobs do not get, so that a job that has lost a node there is
 * begun again beside the others. Pure.
 */
public final class Spares {
  private static final Comparator<NodeView> LAST_FIRST =
      Comparator.comparing(NodeView::location, Location.ORDER)
          .thenComparing(NodeView::name)
          .reversed();

  private Spares() {}

  /**
   * The last of each domain, by their positions, of which nothing is taken and everything is fit.
   *
   * @param fleet each node once
   * @param taken what may not be given
   * @param each how many of a domain, or as many as are free
   * @return their names
   */
  public static Set<String> of(List<NodeView> fleet, Set<DeviceKey> taken, int each) {
    if (each == 0) {
      return Set.of();
    }
    Set<String> begun = taken.stream().map(DeviceKey::node).collect(Collectors.toSet());
    Map<String, List<NodeView>> domains =
        fleet.stream()
            .filter(node -> node.location().domain().isPresent())
            .filter(node -> !begun.contains(node.name()) && whole(node))
            .collect(
                Collectors.groupingBy(
                    node -> node.location().domain().orElseThrow(),
                    TreeMap::new,
                    Collectors.toList()));
    Set<String> spares = new HashSet<>();
    for (List<NodeView> domain : domains.values()) {
      domain.stream().sorted(LAST_FIRST).limit(each).map(NodeView::name).forEach(spares::add);
    }
    return spares;
  }

  /** Only of GPUs: an UltraServer has two or four nodes, and a spare would break it. */
  private static boolean whole(NodeView node) {
    return Shape.open(node.presence(), node.duty())
        && !node.devices().isEmpty()
        && node.devices().stream().allMatch(d -> d.fit() && d.kind() == DeviceKind.GPU);
  }

  /** As new jobs see a spare. */
  public static NodeView kept(NodeView node) {
    return node.with(
        new Duty.Declining(
            "kept as a spare of its NVLink domain, for jobs that have lost a node there"));
  }
}
