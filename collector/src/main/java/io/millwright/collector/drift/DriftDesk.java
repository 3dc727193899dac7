package io.millwright.collector.drift;

import io.millwright.collector.acceptance.Equipment;
import io.millwright.collector.acceptance.NodeAcceptance;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The differences as of a few seconds ago.
 *
 * <p><i>Lifecycle:</i> nothing to start or close. <i>Threading:</i> {@link #look} on the thread
 * {@code control}; the others from any. <i>Failure:</i> that of {@link DesiredFile}.
 */
public final class DriftDesk {
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final Optional<DesiredFile> file;
  private final Supplier<SortedMap<String, NodeAcceptance>> nodes;
  private final Function<String, Optional<String>> domains;
  private final Clock clock;
  private volatile List<Difference> differences = List.of();
  private volatile List<String> unmatched = List.of();
  private boolean looked;
  private long lookedNanos;

  /**
   * @param file of what the site wants; empty where it says nothing
   * @param nodes what is known of the equipment of nodes
   * @param domains the NVLink domain or UltraServer of a node, where it is known
   */
  public DriftDesk(
      Optional<DesiredFile> file,
      Supplier<SortedMap<String, NodeAcceptance>> nodes,
      Function<String, Optional<String>> domains,
      Clock clock) {
    this.file = file;
    this.nodes = nodes;
    this.domains = domains;
    this.clock = clock;
  }

  /** Compares anew, every few seconds. */
  public void look() {
    long now = clock.nanos();
    if (looked && now - lookedNanos < LOOK.toNanos()) {
      return;
    }
    looked = true;
    lookedNanos = now;
    file.ifPresent(DesiredFile::look);
    Optional<DesiredSet> desired = file.flatMap(DesiredFile::set);
    Map<String, Equipment> equipment = new TreeMap<>();
    nodes.get().forEach((name, node) -> equipment.put(name, node.seen()));
    differences = Drift.of(equipment, domains, desired);
    unmatched = unmatched(desired, equipment);
  }

  private static List<String> unmatched(
      Optional<DesiredSet> desired, Map<String, Equipment> equipment) {
    List<String> there =
        equipment.values().stream()
            .flatMap(one -> one.devices().values().stream())
            .map(device -> device.model())
            .distinct()
            .toList();
    return desired.map(DesiredSet::wanted).orElse(List.of()).stream()
        .map(DesiredSet.Wanted::sku)
        .distinct()
        .filter(sku -> !there.contains(sku))
        .toList();
  }

  /** By node. */
  public List<Difference> differences() {
    return differences;
  }

  /** SKUs of the desired set of which no accelerator was seen. */
  public List<String> unmatched() {
    return unmatched;
  }

  /** Nodes that were compared. */
  public List<String> compared() {
    return List.copyOf(nodes.get().keySet());
  }

  /** What the site wants; empty where it says nothing. */
  public Optional<DesiredFile> file() {
    return file;
  }
}
