package io.millwright.agent.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kernel modules that this node needs, at {@link Cadence#SLOW}: {@code Live} in {@code
 * /proc/modules}, or in {@code /sys/module} alone, as those are that the kernel has built in. One
 * that is built in and has no parameter is in neither and counts as not loaded.
 *
 * <p><i>Threading:</i> one owner, the lane. <i>Failure:</i> where the list cannot be read all are
 * unavailable.
 */
public final class ModuleSource implements Source {
  private static final int NAME = 0;
  private static final int STATE = 4;

  private final String node;
  private final Path root;
  private final CallWatch watch;
  private final String call;
  private final Requirements requirements;
  private List<String> modules = List.of();
  private Readings readings = new Readings(SeriesTable.builder().build());
  private @Nullable Machine machine;

  /**
   * @param node value of the label {@code node}
   * @param root where {@code proc}, {@code sys}, {@code etc} and {@code usr} are
   */
  public ModuleSource(String node, Requirements requirements, Path root, CallWatch watch) {
    this.node = node;
    this.requirements = requirements;
    this.root = root;
    this.watch = watch;
    this.call = "read " + root.resolve("proc/modules");
  }

  /** The readings; others after what is needed has changed. */
  @Override
  public Readings readings() {
    return readings;
  }

  @Override
  public boolean reads(Cadence cadence) {
    return cadence == Cadence.SLOW;
  }

  @Override
  public Outcome read(Cadence cadence, long nowNanos) {
    if (cadence != Cadence.SLOW) {
      return Outcome.ANSWERED;
    }
    Machine before = machine;
    Machine now = before == null ? Machine.seen(root) : before.again();
    machine = now;
    List<String> needed = requirements.modules(now);
    if (!needed.equals(modules)) {
      modules = needed;
      readings = new Readings(table());
    }
    readings.at(nowNanos);
    return modules.isEmpty() ? Outcome.ANSWERED : readAll();
  }

  private SeriesTable table() {
    SeriesTable.Builder table = SeriesTable.builder();
    for (String module : modules) {
      table.add(Cadence.SLOW, Series.of(Metric.NODE_KERNEL_MODULE_LOADED, node, module));
    }
    return table.build();
  }

  private Outcome readAll() {
    watch.entered(call);
    try {
      Map<String, String> states = states();
      watch.returned(call, 0);
      for (int i = 0; i < modules.size(); i++) {
        readings.measured(i, loaded(modules.get(i), states) ? 1 : 0);
      }
      return Outcome.ANSWERED;
    } catch (IOException failure) {
      watch.returned(call, -1);
      Fault fault = failure instanceof NoSuchFileException ? Fault.NOT_FOUND : Fault.OTHER;
      for (int i = 0; i < modules.size(); i++) {
        readings.unavailable(i, fault);
      }
      return Outcome.FAILED;
    }
  }

  /** Of each line name, size, users, who they are, and state; a line that was cut is none. */
  private Map<String, String> states() throws IOException {
    String text = new String(Files.readAllBytes(root.resolve("proc/modules")), UTF_8);
    Map<String, String> states = new HashMap<>();
    for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
      String[] words = line.split(" ");
      if (words.length > STATE) {
        states.put(words[NAME], words[STATE]);
      }
    }
    return states;
  }

  private boolean loaded(String module, Map<String, String> states) {
    String state = states.get(module);
    return state == null
        ? Files.isDirectory(root.resolve("sys/module", module))
        : state.equals("Live");
  }

  @Override
  public void close() {}
}
