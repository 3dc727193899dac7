package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * A node that a job might run on.
 *
 * @param free the accelerators of the wanted kind that are fit and not taken, by index
 * @param begun indexes of the GPUs of which an instance is given, whichever it is; none where the
 *     job wants no instances
 */
public record Candidate(NodeView node, List<DeviceView> free, Set<Integer> begun, Needs needs) {
  public Candidate {
    free = List.copyOf(free);
    begun = Set.copyOf(begun);
  }

  public int wanted() {
    return needs.devices().count();
  }

  /** The accelerators of the wanted kind that the node has, whoever has them. */
  List<DeviceView> all() {
    return Filters.ofWantedKind(this).toList();
  }

  /** How many accelerators of the wanted kind the node has, by the highest number seen. */
  int size() {
    return Filters.ofWantedKind(this).mapToInt(device -> device.index() + 1).max().orElse(0);
  }

  /** Groups whose devices are all free; of a node that is given by groups. */
  List<List<DeviceView>> freeGroups() {
    return node.topology().grouping().groups(wanted(), size()).stream()
        .map(this::free)
        .filter(group -> group.size() == wanted())
        .toList();
  }

  private List<DeviceView> free(List<Integer> group) {
    return free.stream()
        .filter(device -> group.contains(device.index()))
        .sorted(Comparator.comparingInt(DeviceView::index))
        .toList();
  }

  /** Whether only certain sets of the wanted accelerators may be given. */
  boolean grouped() {
    return wanted() > 0
        && needs.devices().kind() == DeviceKind.NEURON
        && node.topology().grouping() != Grouping.ANY;
  }
}
