package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.MigProfile;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which of a node's free accelerators a process gets. Pure.
 *
 * <p>The nearest set; of equally near ones that at the fewest NUMA nodes, then, where adapters
 * serve the job, that with the nearest ones, then that with the fewest degraded ones, then the one
 * in the smallest aligned block (0-3 before 2-5), then the one that leaves most aligned blocks
 * whole, then the closest by index, then the lowest.
 */
final class DeviceChooser {
  /** All sets of 8 accelerators are 70 at most. */
  private static final long MOST_SETS = 500;

  private static final int UNTOLD_TENTHS = 5;

  private final List<DeviceView> free;
  private final int count;
  private final List<List<DeviceView>> groups;
  private final boolean adapters;
  private final List<DeviceView> instances;

  /**
   * @param candidate that has at least as many free as it wants, and a free group where it is given
   *     by groups
   */
  DeviceChooser(Candidate candidate) {
    this.free =
        candidate.free().stream()
            .sorted(Comparator.comparingInt(DeviceView::index).thenComparing(DeviceView::uuid))
            .toList();
    this.count = candidate.wanted();
    this.adapters = candidate.needs().adapters();
    this.instances =
        candidate.needs().devices().mig().isPresent() ? instances(candidate) : List.of();
    this.groups = candidate.grouped() ? candidate.freeGroups() : List.of();
  }

  /**
   * The smallest, of equal ones those on GPUs of which others are given already, so that the rest
   * can be divided anew.
   */
  private List<DeviceView> instances(Candidate candidate) {
    return free.stream()
        .sorted(
            Comparator.<DeviceView, MigProfile>comparing(
                    device -> device.profile().orElseThrow(), MigProfile.ORDER)
                .thenComparing(device -> !candidate.begun().contains(device.index())))
        .limit(count)
        .toList();
  }

  /** By index; instances the smallest first. */
  List<DeviceView> choose() {
    if (!instances.isEmpty()) {
      return instances;
    }
    List<DeviceView> best = List.of();
    Optional<Rank> rank = Optional.empty();
    for (List<DeviceView> set : sets()) {
      Rank other = rank(set);
      if (rank.isEmpty() || Rank.ORDER.compare(other, rank.get()) < 0) {
        best = set;
        rank = Optional.of(other);
      }
    }
    return best;
  }

  /** In the order of their indexes, so that the first of equal ones is the lowest. */
  private Iterable<List<DeviceView>> sets() {
    if (!groups.isEmpty()) {
      return groups;
    }
    if (combinations() <= MOST_SETS) {
      List<List<DeviceView>> all = new ArrayList<>();
      collect(all, new ArrayList<>(), 0);
      return all;
    }
    return likelySets();
  }

  private long combinations() {
    long sets = 1;
    for (int i = 1; i <= count; i++) {
      sets = sets * (free.size() - count + i) / i;
      if (sets > MOST_SETS) {
        return sets;
      }
    }
    return sets;
  }

  private void collect(List<List<DeviceView>> all, List<DeviceView> begun, int from) {
    if (begun.size() == count) {
      all.add(List.copyOf(begun));
      return;
    }
    for (int i = from; i <= free.size() - (count - begun.size()); i++) {
      begun.add(free.get(i));
      collect(all, begun, i + 1);
      begun.removeLast();
    }
  }

  /** Neighbours by index, the lowest of each aligned block, and what grows around each device. */
  private Set<List<DeviceView>> likelySets() {
    Set<List<DeviceView>> likely = new LinkedHashSet<>();
    for (int i = 0; i + count <= free.size(); i++) {
      likely.add(free.subList(i, i + count));
    }
    addBlocks(likely);
    if (!Topology.flat(free)) {
      free.forEach(seed -> likely.add(grown(seed)));
    }
    return likely;
  }

  private void addBlocks(Set<List<DeviceView>> likely) {
    int last = free.getLast().index();
    for (int size = Integer.highestOneBit(count); size <= 2 * last; size *= 2) {
      for (int start = 0; start <= last; start += size) {
        List<DeviceView> block = within(start, start + size);
        if (block.size() >= count) {
          likely.add(block.subList(0, count));
        }
      }
    }
  }

  private List<DeviceView> within(int from, int to) {
    return free.stream().filter(d -> d.index() >= from && d.index() < to).toList();
  }

  private List<DeviceView> grown(DeviceView seed) {
    List<DeviceView> set = new ArrayList<>(List.of(seed));
    while (set.size() < count) {
      set.add(nearestTo(set));
    }
    set.sort(Comparator.comparingInt(free::indexOf));
    return set;
  }

  private DeviceView nearestTo(List<DeviceView> set) {
    return free.stream()
        .filter(device -> !set.contains(device))
        .max(
            Comparator.<DeviceView>comparingDouble(
                    device -> set.stream().mapToDouble(d -> Topology.score(d, device)).sum())
                .thenComparing(Comparator.comparingInt(DeviceView::index).reversed()))
        .orElseThrow();
  }

  private record Rank(
      double nearness, int numa, int adapters, long degraded, int block, long whole, int span) {
    static final Comparator<Rank> ORDER =
        Comparator.comparingDouble(Rank::nearness)
            .reversed()
            .thenComparingInt(Rank::numa)
            .thenComparing(Comparator.comparingInt(Rank::adapters).reversed())
            .thenComparingLong(Rank::degraded)
            .thenComparingInt(Rank::block)
            .thenComparing(Comparator.comparingLong(Rank::whole).reversed())
            .thenComparingInt(Rank::span);
  }

  private Rank rank(List<DeviceView> set) {
    if (set.isEmpty()) {
      return new Rank(1, 0, 0, 0, 0, 0, 0);
    }
    int first = set.getFirst().index();
    int last = set.getLast().index();
    return new Rank(
        Topology.nearness(set),
        Topology.numa(set),
        adapters ? near(set) : 0,
        set.stream().filter(device -> device.traits().degraded()).count(),
        block(first, last),
        whole(set),
        last - first);
  }

  /** As the term counts it: what was not told is neither for it nor against it. */
  private static int near(List<DeviceView> set) {
    return set.stream().mapToInt(d -> d.traits().adapterTenths().orElse(UNTOLD_TENTHS)).sum();
  }

  /** The size of the smallest aligned block of a power of two that holds both. */
  private static int block(int first, int last) {
    int differing = first ^ last;
    return differing == 0 ? 1 : Integer.highestOneBit(differing) * 2;
  }

  /** How many devices stay in aligned blocks that are wholly free, over the sizes of blocks. */
  private long whole(List<DeviceView> set) {
    BitSet left = new BitSet();
    free.forEach(device -> left.set(device.index()));
    set.forEach(device -> left.clear(device.index()));
    long whole = 0;
    for (int size = 2; size <= left.length(); size *= 2) {
      for (int start = 0; start < left.length(); start += size) {
        whole += left.nextClearBit(start) >= start + size ? size : 0;
      }
    }
    return whole;
  }
}
