package io.millwright.agent.privileged;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.agent.privileged.Question.Row;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
 * groups. {@code /proc/<pid>/cgroup} and {@code stat} are everybody's to read, but where {@code
 * /proc} is mounted with {@code hidepid}: then nobody is named.
 *
 * <p>Owned by its lane, which waits for the kernel.
 */
final class Owners {
  /** Of one accelerator; more share none. */
  static final int MOST = 16;

  private static final int LONGEST = 1 << 16;

  /** Of {@code stat}, counted from what follows the name: {@code starttime}. */
  private static final int START = 22 - 3;

  /** The same each time, so that the series stay the same. */
  private static final Comparator<Owner> ORDER =
      Comparator.comparing(Owner::scheduler).thenComparing(Owner::id);

  private final String node;
  private final Path processes;
  private final Supplier<NodeSnapshot> snapshot;

  /**
   * @param root where {@code proc} is
   * @param snapshot the newest, of which accelerators are known by their device nodes
   */
  Owners(String node, Path root, Supplier<NodeSnapshot> snapshot) {
    this.node = node;
    this.processes = root.resolve("proc");
    this.snapshot = snapshot;
  }

  /** An accelerator as its series name it. */
  private record Device(String index, String uuid) {}

  /** One row for each accelerator and owner. */
  List<Row> rows(Answer.Holdings told) {
    Map<String, Device> devices = devices();
    Map<Long, Optional<Owner>> known = new HashMap<>();
    List<Row> rows = new ArrayList<>();
    for (Holding holding : told.devices()) {
      Device device = devices.get(holding.device());
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
        known.computeIfAbsent(holder.pid(), first -> owner(holder)).ifPresent(owners::add);
      }
    }
    return owners;
  }

  /** Nobody's where the process has ended since: its number may be another's by now. */
  private Optional<Owner> owner(Holder holder) {
    Path process = processes.resolve(Long.toString(holder.pid()));
    try {
      String group = text(process.resolve("cgroup"));
      String stat = text(process.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", START + 2);
      return fields.length > START && fields[START].equals(Long.toString(holder.startTicks()))
          ? Owner.of(group)
          : Optional.empty();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1);
    }
  }

  /** Whole accelerators by the names of their device nodes, {@code nvidia3}. */
  private Map<String, Device> devices() {
    Map<String, Device> devices = new HashMap<>();
    for (Sample sample : snapshot.get().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_INFO
            && !label(series, "accelerator").contains(":")) {
          devices.put(
              kind(series) + label(series, "minor"),
              new Device(label(series, "accelerator"), label(series, "uuid")));
        }
      }
    }
    return devices;
  }

  private static String kind(Series series) {
    return label(series, "vendor").equals("nvidia") ? "nvidia" : "neuron";
  }

  private static String label(Series series, String name) {
    return series.labelValues().get(series.metric().labels().indexOf(name));
  }
}
