package io.millwright.agent.privileged;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.agent.privileged.Question.Row;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Whose jobs have which accelerator: the processes that have its device node open, by their control
 * groups.
 *
 * <p>Owned by its lane, which waits for the kernel.
 */
final class Owners {
  /** Of one accelerator; more share none. */
  static final int MOST = 16;

  /** The same each time, so that the series stay the same. */
  private static final Comparator<Owner> ORDER =
      Comparator.comparing(Owner::scheduler).thenComparing(Owner::id);

  private final String node;
  private final HolderGroups groups;
  private final Supplier<NodeSnapshot> snapshot;

  /**
   * @param root where {@code proc} is
   * @param snapshot the newest, of which accelerators are known by their device nodes
   */
  Owners(String node, Path root, Supplier<NodeSnapshot> snapshot) {
    this.node = node;
    this.groups = new HolderGroups(root);
    this.snapshot = snapshot;
  }

  /** One row for each accelerator and owner. */
  List<Row> rows(Answer.Holdings told) {
    Map<String, SeenNodes.Device> devices = SeenNodes.of(snapshot.get());
    Map<Long, Optional<Owner>> known = new HashMap<>();
    List<Row> rows = new ArrayList<>();
    for (Holding holding : told.devices()) {
      SeenNodes.Device device = devices.get(holding.device());
      if (device != null) {
        for (Owner owner : owners(holding, known)) {
          rows.add(
              new Row(
                  Series.of(
                      Metric.ACCELERATOR_OWNER_INFO,
                      node,
                      device.index(),
                      device.uuid(),
                      owner.scheduler(),
                      owner.id()),
                  new Reading.Measured(1)));
        }
      }
    }
    return rows;
  }

  private Set<Owner> owners(Holding holding, Map<Long, Optional<Owner>> known) {
    Set<Owner> owners = new TreeSet<>(ORDER);
    for (Holder holder : holding.holders()) {
      if (owners.size() < MOST) {
        known
            .computeIfAbsent(holder.pid(), first -> groups.of(holder).flatMap(Owner::of))
            .ifPresent(owners::add);
      }
    }
    return owners;
  }
}
