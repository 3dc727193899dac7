package io.millwright.collector.rest;

import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.racks.Whereabouts;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * What tells the hardware of a node from all other: serial numbers and places, as its info series
 * have them. Worked out once a table, because a page asks for every node twice a second; a table
 * whose info was not all read is looked at again. Whose an accelerator is changes with each sample,
 * so of owners only the places of their series are kept.
 *
 * <p><i>Threading:</i> the thread {@code rest}.
 */
final class Hardware {
  private static final Set<Metric> INFO =
      EnumSet.of(Metric.NODE_INFO, Metric.ACCELERATOR_INFO, Metric.ACCELERATOR_SLOT_INFO);

  private static final Set<String> SCHEDULERS = Set.of("slurm", "kubernetes");

  /** Letters of a pod's UID; what is longer names no owner. */
  private static final int LONGEST_OWNER = 36;

  /** As many as an agent tells of one accelerator. */
  private static final int MOST_OWNERS = 16;

  /** By identity, which a table keeps for as long as a node sends samples of it. */
  private final Map<SeriesTable, Node> known = new WeakHashMap<>();

  /**
   * @param devices by their UUIDs
   * @param ownerRows indices of the owners' series, by the UUIDs of their devices
   */
  record Node(
      Optional<String> serial,
      Optional<String> rack,
      Whereabouts whereabouts,
      Map<String, Device> devices,
      Map<String, List<Integer>> ownerRows) {
    Device device(String uuid) {
      return devices.getOrDefault(uuid, Device.UNTOLD);
    }
  }

  /** One accelerator; what its driver does not tell is empty. */
  record Device(Optional<String> serial, Optional<String> pciBusId, Optional<String> module) {
    static final Device UNTOLD = new Device(Optional.empty(), Optional.empty(), Optional.empty());
  }

  Node of(NodeState node) {
    Node found = known.get(node.sample().table());
    if (found != null) {
      return found;
    }
    Sample sample = node.sample().sample();
    Node read = read(sample);
    if (whole(sample)) {
      known.put(sample.table(), read);
    }
    return read;
  }

  /**
   * Whose jobs and pods have a device, where another scheduler gives it out, as in {@code slurm
   * 1234, slurm 1240}.
   */
  Optional<String> owners(NodeState node, String uuid) {
    Sample sample = node.sample().sample();
    Set<String> owners = new LinkedHashSet<>();
    for (int row : of(node).ownerRows().getOrDefault(uuid, List.of())) {
      if (owners.size() == MOST_OWNERS) {
        break;
      }
      if (sample.measured(row)) {
        owner(sample.table().series(row)).ifPresent(owners::add);
      }
    }
    return owners.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", owners));
  }

  private static Optional<String> owner(Series series) {
    Optional<String> scheduler = label(series, "scheduler").filter(SCHEDULERS::contains);
    Optional<String> owner = label(series, "owner").filter(text -> text.length() <= LONGEST_OWNER);
    return scheduler.flatMap(word -> owner.map(id -> word + " " + id));
  }

  /** Whether nothing more is to come that would change it. */
  private static boolean whole(Sample sample) {
    SeriesTable table = sample.table();
    for (int i = 0; i < table.size(); i++) {
      if (INFO.contains(table.series(i).metric()) && !sample.measured(i)) {
        return false;
      }
    }
    return true;
  }

  private static Node read(Sample sample) {
    SeriesTable table = sample.table();
    Optional<String> serial = Optional.empty();
    Optional<String> rack = Optional.empty();
    Map<String, Device> devices = new HashMap<>();
    Map<String, List<Integer>> ownerRows = new HashMap<>();
    for (int i = 0; i < table.size(); i++) {
      Series series = table.series(i);
      switch (series.metric()) {
        case NODE_INFO -> {
          serial = label(series, "serial");
          rack = label(series, "rack");
        }
        case ACCELERATOR_INFO ->
            devices.merge(
                label(series, "uuid").orElse(""),
                new Device(label(series, "serial"), label(series, "pci_bus_id"), Optional.empty()),
                (slot, info) -> new Device(info.serial(), info.pciBusId(), slot.module()));
        case ACCELERATOR_SLOT_INFO ->
            devices.merge(
                label(series, "uuid").orElse(""),
                new Device(Optional.empty(), Optional.empty(), label(series, "module")),
                (info, slot) -> new Device(info.serial(), info.pciBusId(), slot.module()));
        case ACCELERATOR_OWNER_INFO ->
            ownerRows
                .computeIfAbsent(label(series, "uuid").orElse(""), first -> new ArrayList<>())
                .add(i);
        default -> {}
      }
    }
    return new Node(serial, rack, Whereabouts.of(sample), devices, ownerRows);
  }

  private static Optional<String> label(Series series, String name) {
    return Optional.of(series.labelValues().get(series.metric().labels().indexOf(name)))
        .filter(text -> !text.isEmpty());
  }
}
