package io.millwright.collector.placement;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which of the nodes that can take a job with accelerators on several nodes get it. Pure.
 *
 * <p>A domain is an UltraServer or a clique of an NVLink domain. All of one domain where one has
 * enough, else all of one rack, else any; in the last two cases of as few domains as can be. Of
 * several domains or racks that have enough the one with the fewest fitting nodes is taken, so that
 * the others stay whole; of equal ones the one with the better nodes.
 */
final class NodeChooser<T extends Ranked> {
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
   * In the order of their domains, positions there and racks, so that neighbouring ranks are near.
   *
   * @param fitting at least as many as are wanted, the best first
   */
  List<T> choose(List<T> fitting) {
    boolean one = known(fitting, at -> at.domain()).stream().anyMatch(b -> b.size() >= count);
    List<T> pool = one ? fitting : smallest(known(fitting, at -> at.rack())).orElse(fitting);
    return fill(pool).stream()
        .sorted(Comparator.comparing(Ranked::location, Location.ORDER))
        .toList();
  }

  /** 1 of one domain, a half of one rack, else 0. */
  static Mark mark(List<? extends Ranked> chosen) {
    if (one(chosen, at -> at.domain())) {
      return new Mark(TERM, WEIGHT, 1);
    }
    return new Mark(TERM, WEIGHT, one(chosen, at -> at.rack()) ? 0.5 : 0);
  }

  private static boolean one(
      List<? extends Ranked> chosen, Function<Location, Optional<String>> part) {
    return part.apply(chosen.getFirst().location()).isPresent()
        && chosen.stream().map(node -> part.apply(node.location())).distinct().count() == 1;
  }

  /** The largest domains whole, and the rest of the smallest that has it. */
  private List<T> fill(List<T> pool) {
    List<List<T>> blocks = new ArrayList<>(known(pool, at -> at.domain()));
    Deque<T> single =
        pool.stream()
            .filter(node -> node.location().domain().isEmpty())
            .collect(Collectors.toCollection(ArrayDeque::new));
    List<T> chosen = new ArrayList<>();
    while (chosen.size() < count) {
      int left = count - chosen.size();
      boolean alone = left == 1 || blocks.stream().allMatch(block -> block.size() == 1);
      if (alone && !single.isEmpty()) {
        blocks.add(List.of(single.remove())); // one of its own
      }
      List<T> next = new NodeChooser<T>(left).smallest(blocks).orElseGet(() -> largest(blocks));
      blocks.remove(next);
      chosen.addAll(next.subList(0, Math.min(left, next.size())));
    }
    return chosen;
  }

  /** Of the groups that have enough the smallest; of equal ones that with the best nodes. */
  private Optional<List<T>> smallest(Collection<List<T>> groups) {
    return groups.stream()
        .filter(group -> group.size() >= count)
        .min(
            Comparator.<List<T>>comparingInt(List::size)
                .thenComparing(Comparator.comparingDouble(this::score).reversed()));
  }

  private static <T extends Ranked> List<T> largest(List<List<T>> blocks) {
    return blocks.stream().max(Comparator.comparingInt(List::size)).orElseThrow();
  }

  private double score(List<T> group) {
    return group.stream().limit(count).mapToDouble(Ranked::score).sum();
  }

  /** Those of which it is known, by what they have in common. */
  private static <T extends Ranked> Collection<List<T>> known(
      List<T> nodes, Function<Location, Optional<String>> part) {
    Map<String, List<T>> groups = new LinkedHashMap<>();
    nodes.forEach(node ->
        part.apply(node.location())
            .ifPresent(name -> groups.computeIfAbsent(name, first -> new ArrayList<>()).add(node)));
    return groups.values();
  }
}
