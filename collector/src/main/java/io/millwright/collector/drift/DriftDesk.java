package io.millwright.collector.drift;

import io.millwright.collector.acceptance.Device;
import io.millwright.collector.acceptance.Equipment;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The differences as of a few seconds ago, of what connected nodes tell then.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #close} once. <i>Threading:</i> the thread {@code
 * drift} compares, for a large fleet takes a while; the others from any. <i>Failure:</i> that of
 * {@link DesiredFile}.
 */
public final class DriftDesk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DriftDesk.class);
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final Optional<DesiredFile> file;
  private final Supplier<SortedMap<String, Equipment>> nodes;
  private final Function<String, Optional<String>> domains;
  private final Clock clock;
  private final Thread thread;
  private volatile boolean closed;
  private volatile Found found = new Found(List.of(), List.of(), List.of());
  private Optional<Asked> before = Optional.empty();

  /** What was compared. */
  private record Asked(
      SortedMap<String, Equipment> nodes,
      Map<String, String> domains,
      Optional<DesiredSet> desired) {
    @SuppressWarnings("ReferenceEquality") // the maps are large, and the same while nothing changes
    boolean same(Asked other) {
      return nodes == other.nodes && desired.equals(other.desired) && domains.equals(other.domains);
    }
  }

  private record Found(
      List<Difference> differences, List<String> unmatched, List<String> compared) {}

  /**
   * @param file of what the site wants; empty where it says nothing
   * @param nodes what connected nodes tell of themselves; the same instance while nothing changes
   * @param domains the NVLink domain or UltraServer of a node, where it is known
   */
  public DriftDesk(
      Optional<DesiredFile> file,
      Supplier<SortedMap<String, Equipment>> nodes,
      Function<String, Optional<String>> domains,
      Clock clock) {
    this.file = file;
    this.nodes = nodes;
    this.domains = domains;
    this.clock = clock;
    this.thread = Threads.platform("drift", this::run);
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      try {
        look();
      } catch (RuntimeException e) {
        LOG.error("driver and firmware could not be compared", e);
      }
      clock.parkUntil(clock.nanos() + LOOK.toNanos());
    }
  }

  /** Compares anew where anything has changed. On one thread. */
  void look() {
    file.ifPresent(DesiredFile::look);
    SortedMap<String, Equipment> equipment = nodes.get();
    Map<String, String> places = new TreeMap<>();
    equipment
        .keySet()
        .forEach(node -> domains.apply(node).ifPresent(domain -> places.put(node, domain)));
    Asked now = new Asked(equipment, places, file.flatMap(DesiredFile::set));
    if (before.filter(now::same).isPresent()) {
      return;
    }
    found =
        new Found(
            Drift.of(equipment, node -> Optional.ofNullable(places.get(node)), now.desired()),
            unmatched(now.desired(), equipment),
            List.copyOf(equipment.keySet()));
    before = Optional.of(now);
  }

  private static List<String> unmatched(
      Optional<DesiredSet> desired, Map<String, Equipment> equipment) {
    Set<String> there =
        equipment.values().stream()
            .flatMap(one -> one.devices().values().stream())
            .map(Device::model)
            .collect(Collectors.toSet());
    return desired.map(DesiredSet::wanted).orElse(List.of()).stream()
        .map(DesiredSet.Wanted::sku)
        .distinct()
        .filter(sku -> !there.contains(sku))
        .toList();
  }

  /** By node. */
  public List<Difference> differences() {
    return found.differences();
  }

  /** SKUs of the desired set of which no accelerator was seen. */
  public List<String> unmatched() {
    return found.unmatched();
  }

  /** Nodes that were compared. */
  public List<String> compared() {
    return found.compared();
  }

  /** What the site wants; empty where it says nothing. */
  public Optional<DesiredFile> file() {
    return file;
  }
}
