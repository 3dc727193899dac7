package io.millwright.collector.control;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.placement.Traits;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What of a node's accelerators counts for how good a choice they are, by what their node told
 * last.
 *
 * <p>NUMA node: of a GPU {@code nvmlDeviceGetMemoryAffinity}, of a Neuron device the kernel's word.
 * Fabric: {@code nvmlDeviceGetGpuFabricInfoV}, state completed. Health: 10 where nothing speaks
 * against it, {@value #OBSERVED} where something does that changes no verdict, {@value #DEGRADED}
 * where it or its node is degraded. Headroom: the less of a tenth for each {@value
 * #CELSIUS_A_TENTH} degrees before the first slowdown, and of the tenths of its default limit of
 * power that it has. Adapters: 10 for one with an active port behind the same PCIe switch, {@value
 * #SAME_NUMA_NODE} for one at the same NUMA node, 0 for none.
 *
 * <p><i>Threading:</i> the thread {@code control}. A node's series are looked through once a table.
 */
final class NodeTraits {
  private static final int OBSERVED = 8;
  private static final int DEGRADED = 5;
  private static final int FULL = 10;
  private static final int SAME_NUMA_NODE = 5;
  private static final double CELSIUS_A_TENTH = 3;
  private static final int NOWHERE = -1;
  private static final int UUID = 2;
  private static final int OWN = 5;

  /** Of an address on the bus without the upper half of its domain, which NVML writes too. */
  private static final int ADDRESS = "0000:00:00.0".length();

  private final Map<String, Found> found = new HashMap<>();

  /** Where in a table the devices' facts stand. */
  private record Found(
      SeriesTable table, Map<String, Map<Fact, Integer>> devices, Map<String, Near> near) {}

  /**
   * Where in a table it stands what fabric adapters are near a device.
   *
   * @param row that names them
   * @param sameSwitch the ports of those behind its switch
   * @param sameNumaNode the ports of the others at its NUMA node
   */
  private record Near(int row, List<Integer> sameSwitch, List<Integer> sameNumaNode) {}

  private enum Fact {
    AFFINITY,
    IDENTITY,
    FABRIC,
    MARGIN,
    ENFORCED,
    DEFAULT
  }

  /** Forgets nodes that are no more. */
  void retain(Set<String> nodes) {
    found.keySet().retainAll(nodes);
  }

  /** Of one of the node's devices. */
  Traits of(NodeState node, AcceleratorState device) {
    Readout sample = node.sample();
    Found known = found(node);
    Map<Fact, Integer> places = known.devices().getOrDefault(device.uuid(), Map.of());
    return new Traits(
        numaNode(sample, places),
        value(sample, places, Fact.FABRIC).orElse(0) == 1,
        health(node, device),
        headroom(sample, places),
        adapters(sample, Optional.ofNullable(known.near().get(device.uuid()))));
  }

  private Found found(NodeState node) {
    SeriesTable table = node.sample().table();
    Found known = found.get(node.name());
    if (known == null || known.table() != table) {
      known = new Found(table, look(table), near(table));
      found.put(node.name(), known);
    }
    return known;
  }

  /** By the UUIDs of the devices; of those alone that a row names. */
  private static Map<String, Near> near(SeriesTable table) {
    Map<String, List<String>> devices = new HashMap<>();
    Map<String, List<Integer>> ports = new HashMap<>();
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < table.size(); i++) {
      Series series = table.series(i);
      switch (series.metric()) {
        case ACCELERATOR_INFO ->
            devices
                .computeIfAbsent(address(series), first -> new ArrayList<>())
                .add(series.labelValues().get(UUID));
        case NODE_RDMA_PORT_UP ->
            ports.computeIfAbsent(own(series, "device"), first -> new ArrayList<>()).add(i);
        case NODE_RDMA_AFFINITY_INFO -> rows.add(i);
        default -> {}
      }
    }
    Map<String, Near> near = new HashMap<>();
    for (int row : rows) {
      Series series = table.series(row);
      Near here =
          new Near(
              row,
              ports(own(series, "same_switch"), ports),
              ports(own(series, "same_numa_node"), ports));
      devices.getOrDefault(address(series), List.of()).forEach(uuid -> near.put(uuid, here));
    }
    return near;
  }

  private static String address(Series series) {
    String address = own(series, "pci_bus_id");
    return address.substring(Math.max(0, address.length() - ADDRESS));
  }

  private static String own(Series series, String label) {
    return series.labelValues().get(series.metric().labels().indexOf(label));
  }

  private static List<Integer> ports(String adapters, Map<String, List<Integer>> ports) {
    return Arrays.stream(adapters.split(","))
        .flatMap(adapter -> ports.getOrDefault(adapter, List.of()).stream())
        .toList();
  }

  /** An adapter without an active port serves nobody. */
  private static OptionalInt adapters(Readout sample, Optional<Near> near) {
    if (near.isEmpty() || !sample.measured(near.get().row())) {
      return OptionalInt.empty();
    }
    if (active(sample, near.get().sameSwitch())) {
      return OptionalInt.of(FULL);
    }
    return OptionalInt.of(active(sample, near.get().sameNumaNode()) ? SAME_NUMA_NODE : 0);
  }

  private static boolean active(Readout sample, List<Integer> ports) {
    return ports.stream().anyMatch(at -> sample.measured(at) && sample.value(at) == 1);
  }

  private static Map<String, Map<Fact, Integer>> look(SeriesTable table) {
    Map<String, Map<Fact, Integer>> devices = new HashMap<>();
    for (int i = 0; i < table.size(); i++) {
      Series series = table.series(i);
      int at = i;
      fact(series)
          .ifPresent(fact ->
              devices
                  .computeIfAbsent(
                      series.labelValues().get(UUID), first -> new EnumMap<>(Fact.class))
                  .put(fact, at));
    }
    return devices;
  }

  private static Optional<Fact> fact(Series series) {
    return switch (series.metric()) {
      case ACCELERATOR_AFFINITY_INFO -> Optional.of(Fact.AFFINITY);
      case ACCELERATOR_INFO -> Optional.of(Fact.IDENTITY);
      case ACCELERATOR_FABRIC_STATE -> only(series, Fact.FABRIC, "completed");
      case ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS -> Optional.of(Fact.MARGIN);
      case ACCELERATOR_POWER_LIMIT_WATTS ->
          only(series, Fact.ENFORCED, "enforced", "gpu")
              .or(() -> only(series, Fact.DEFAULT, "default", "gpu"));
      default -> Optional.empty();
    };
  }

  private static Optional<Fact> only(Series series, Fact fact, String... labels) {
    List<String> own = series.labelValues().subList(OWN, series.labelValues().size());
    return own.equals(List.of(labels)) ? Optional.of(fact) : Optional.empty();
  }

  private static OptionalDouble value(Readout sample, Map<Fact, Integer> places, Fact fact) {
    int at = places.getOrDefault(fact, NOWHERE);
    return at != NOWHERE && sample.measured(at)
        ? OptionalDouble.of(sample.value(at))
        : OptionalDouble.empty();
  }

  /** A GPU's identity has the node that it is itself, on coherent machines; not the nearest. */
  private static OptionalInt numaNode(Readout sample, Map<Fact, Integer> places) {
    return label(sample, places, Fact.AFFINITY, Metric.ACCELERATOR_AFFINITY_INFO, "numa_nodes")
        .or(() ->
            label(sample, places, Fact.IDENTITY, Metric.ACCELERATOR_INFO, "numa_node")
                .filter(text -> neuron(sample, places)))
        .filter(text -> text.matches("[0-9]{1,4}"))
        .map(text -> OptionalInt.of(Integer.parseInt(text)))
        .orElse(OptionalInt.empty());
  }

  private static boolean neuron(Readout sample, Map<Fact, Integer> places) {
    int at = places.getOrDefault(Fact.IDENTITY, NOWHERE);
    return at != NOWHERE
        && sample.table().series(at).labelValues().contains(DeviceKind.NEURON.vendor());
  }

  private static Optional<String> label(
      Readout sample, Map<Fact, Integer> places, Fact fact, Metric metric, String name) {
    int at = places.getOrDefault(fact, NOWHERE);
    return at != NOWHERE && sample.measured(at)
        ? Optional.of(sample.table().series(at).labelValues().get(metric.labels().indexOf(name)))
        : Optional.empty();
  }

  private static OptionalInt health(NodeState node, AcceleratorState device) {
    if (device.told().isEmpty()) {
      return OptionalInt.empty();
    }
    Optional<Verdict> own = node.findings().node().map(Judgement::verdict);
    if (device.told().get() == Verdict.DEGRADED || own.equals(Optional.of(Verdict.DEGRADED))) {
      return OptionalInt.of(DEGRADED);
    }
    return OptionalInt.of(node.findings().ofDevice(device.uuid()).isEmpty() ? FULL : OBSERVED);
  }

  private static OptionalInt headroom(Readout sample, Map<Fact, Integer> places) {
    OptionalInt cool = tenths(value(sample, places, Fact.MARGIN), CELSIUS_A_TENTH);
    OptionalDouble full = value(sample, places, Fact.DEFAULT);
    OptionalInt power =
        full.orElse(0) > 0
            ? tenths(value(sample, places, Fact.ENFORCED), full.getAsDouble() / FULL)
            : OptionalInt.empty();
    return cool.isPresent() && power.isPresent()
        ? OptionalInt.of(Math.min(cool.getAsInt(), power.getAsInt()))
        : cool.isPresent() ? cool : power;
  }

  private static OptionalInt tenths(OptionalDouble value, double tenth) {
    return value.isPresent()
        ? OptionalInt.of((int) Math.clamp(Math.floor(value.getAsDouble() / tenth), 0, FULL))
        : OptionalInt.empty();
  }
}
