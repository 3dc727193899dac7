package io.millwright.collector.placement;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which of the nodes that can take a job on Neuron devices get it. Pure.
 *
 * <p>All of one UltraServer where one has enough, else all of one rack, else any; in the last two
 * cases of as few UltraServers as can be. Of several UltraServers or racks that have enough the one
 * with the fewest fitting nodes is taken, so that the others stay whole; of equal ones the one with
 * the better nodes.
 */
final class NodeChooser {
  private static final String TERM = "nodes";
  private static final double WEIGHT = 0.30;

  private final int count;

  /**
   * @param count how many nodes, at least 1
   */
  NodeChooser(int count) {
    this.count = count;
  }

  /**
   * In the order of their UltraServers, positions there and racks, so that neighbouring ranks are
   * near.
   *
   * @param fitting at least as many as are wanted, the best first
   */
  List<Scored> choose(List<Scored> fitting) {
    boolean oneServer = servers(fitting).stream().anyMatch(block -> block.size() >= count);
    List<Scored> pool =
        oneServer ? fitting : smallest(known(fitting, at -> at.rack())).orElse(fitting);
    return fill(pool).stream()
        .sorted(Comparator.comparing(Scored::location, Location.ORDER))
        .toList();
  }

  /** 1 of one UltraServer, a half of one rack, else 0. */
  static Mark mark(List<Scored> chosen) {
    if (one(chosen, at -> at.ultraServer())) {
      return new Mark(TERM, WEIGHT, 1);
    }
    return new Mark(TERM, WEIGHT, one(chosen, at -> at.rack()) ? 0.5 : 0);
  }

  private static boolean one(List<Scored> chosen, Function<Location, Optional<String>> part) {
    return part.apply(chosen.getFirst().location()).isPresent()
        && chosen.stream().map(node -> part.apply(node.location())).distinct().count() == 1;
  }

  /** The largest UltraServers whole, and the rest of the smallest that has it. */
  private List<Scored> fill(List<Scored> pool) {
    List<List<Scored>> blocks = new ArrayList<>(servers(pool));
    List<Scored> chosen = new ArrayList<>();
    while (chosen.size() < count) {
      int left = count - chosen.size();
      List<Scored> next = new NodeChooser(left).smallest(blocks).orElseGet(() -> largest(blocks));
      blocks.remove(next);
      chosen.addAll(next.subList(0, Math.min(left, next.size())));
    }
    return chosen;
  }

  /** Of the groups that have enough the smallest; of equal ones that with the best nodes. */
  private Optional<List<Scored>> smallest(Collection<List<Scored>> groups) {
    return groups.stream()
        .filter(group -> group.size() >= count)
        .min(
            Comparator.<List<Scored>>comparingInt(List::size)
                .thenComparing(Comparator.comparingDouble(this::score).reversed()));
  }

  private static List<Scored> largest(List<List<Scored>> blocks) {
    return blocks.stream().max(Comparator.comparingInt(List::size)).orElseThrow();
  }

  private double score(List<Scored> group) {
    return group.stream().limit(count).mapToDouble(Scored::score).sum();
  }

  /** Those of which it is known, by what they have in common. */
  private static Collection<List<Scored>> known(
      List<Scored> nodes, Function<Location, Optional<String>> part) {
    Map<String, List<Scored>> groups = new LinkedHashMap<>();
    nodes.forEach(node ->
        part.apply(node.location())
            .ifPresent(name -> groups.computeIfAbsent(name, first -> new ArrayList<>()).add(node)));
    return groups.values();
  }

  /** By UltraServer; a node of none is one of its own. */
  private static Collection<List<Scored>> servers(List<Scored> nodes) {
    List<List<Scored>> blocks = new ArrayList<>(known(nodes, at -> at.ultraServer()));
    nodes.stream()
        .filter(node -> node.location().ultraServer().isEmpty())
        .forEach(node -> blocks.add(List.of(node)));
    return blocks;
  }
}
