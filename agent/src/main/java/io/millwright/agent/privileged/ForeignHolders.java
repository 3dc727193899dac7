package io.millwright.agent.privileged;

import io.millwright.agent.launcher.Strangers;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who has a device of a run open while the run goes on and is not of it: a person's process whose
 * control group is that of no run which was given the device. Each is told once for a run, and once
 * more when that is over; nobody is ended.
 *
 * <p>Owned by its lane, which waits for the kernel.
 */
public final class ForeignHolders {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignHolders.class);

  /** Of one run that are told; whoever begins new ones all the time is known by then. */
  static final int MOST = 16;

  private static final int LONGEST_GROUP = 200;

  /** Groups beneath these are called after users and jobs. */
  private static final List<String> PRIVATE =
      List.of("/user.slice", "/millwright.slice/millwright-jobs.slice");

  private final HolderGroups groups;
  private final Strangers strangers;
  private final Supplier<List<Running>> runs;
  private final Supplier<NodeSnapshot> snapshot;
  private final Consumer<ForeignHolder> told;

  /** Those that were told and are not over, with the UUID of their device. */
  private final Map<Held, String> known = new LinkedHashMap<>();

  private final Map<String, Integer> counts = new HashMap<>();

  /**
   * A run that goes on.
   *
   * @param run as in {@code train-r1}
   * @param group the path of its control group, from the root of all
   * @param nodes its accelerators' device nodes, {@code nvidia3}
   */
  public record Running(String run, String group, List<String> nodes) {
    public Running {
      nodes = List.copyOf(nodes);
    }
  }

  private record Held(String run, String node, long process, long startTicks) {}

  /**
   * @param root where {@code proc} is
   * @param strangers whose processes count
   * @param runs those with devices that go on; asked on the lane
   * @param snapshot the newest, of which accelerators are known by their device nodes
   * @param told must not wait
   */
  public ForeignHolders(
      Path root,
      Strangers strangers,
      Supplier<List<Running>> runs,
      Supplier<NodeSnapshot> snapshot,
      Consumer<ForeignHolder> told) {
    this.groups = new HolderGroups(root);
    this.strangers = strangers;
    this.runs = runs;
    this.snapshot = snapshot;
    this.told = told;
  }

  /** Whether there is anything to look at, or to end. */
  boolean wanted() {
    return !known.isEmpty() || !runs.get().isEmpty();
  }

  /** Takes a look at all holders. */
  void look(Answer.Holdings all) {
    List<Running> open = runs.get();
    Map<Held, String> foreign = foreign(all, open);
    Set<String> going = open.stream().map(Running::run).collect(Collectors.toSet());
    for (Held one : List.copyOf(known.keySet())) {
      if (!going.contains(one.run())) {
        over(one, "The run has ended of which process %d had %s open.");
      } else if (!foreign.containsKey(one) && complete(all, one.node())) {
        over(one, "Process %d outside the run has %s open no more.");
      }
    }
    counts.keySet().retainAll(going);
    Map<String, SeenNodes.Device> devices = SeenNodes.of(snapshot.get());
    foreign.forEach((one, group) -> {
      if (!known.containsKey(one)) {
        found(one, group, Optional.ofNullable(devices.get(one.node())));
      }
    });
  }

  /** With their control groups. A process that has ended since is none. */
  private Map<Held, String> foreign(Answer.Holdings all, List<Running> open) {
    Map<Held, String> foreign = new LinkedHashMap<>();
    for (Holding holding : all.devices()) {
      List<Running> having =
          open.stream().filter(run -> run.nodes().contains(holding.device())).toList();
      if (having.isEmpty()) {
        continue;
      }
      for (Holder holder : holding.holders()) {
        if (strangers.person().test(holder.uid())) {
          Optional<String> group = groups.of(holder).map(ForeignHolders::path);
          if (group.isPresent() && having.stream().noneMatch(run -> inside(group.get(), run))) {
            having.forEach(run ->
                foreign.put(
                    new Held(run.run(), holding.device(), holder.pid(), holder.startTicks()),
                    group.get()));
          }
        }
      }
    }
    return foreign;
  }

  /** Of version 2, where jobs run; empty elsewhere. */
  private static String path(String text) {
    return text.lines()
        .filter(line -> line.startsWith("0::/"))
        .map(line -> line.substring("0::".length()))
        .findFirst()
        .orElse("");
  }

  private static boolean inside(String group, Running run) {
    return group.equals(run.group()) || group.startsWith(run.group() + "/");
  }

  /** Whether nobody who holds it can be missing. A node that is gone is held by nobody. */
  private static boolean complete(Answer.Holdings all, String node) {
    return all.whole()
        && all.devices().stream()
            .filter(holding -> holding.device().equals(node))
            .allMatch(holding -> holding.count() == holding.holders().size());
  }

  private void found(Held one, String group, Optional<SeenNodes.Device> device) {
    int before = counts.merge(one.run(), 1, Integer::sum) - 1;
    if (before >= MOST) {
      counts.put(one.run(), MOST);
      return;
    }
    LOG.warn(
        "a process outside a run has a device of it open run={} device={} process={} group={}",
        one.run(),
        one.node(),
        one.process(),
        group);
    if (before == MOST - 1) {
      LOG.warn("no more processes like that are told of run={}", one.run());
    }
    known.put(one, device.map(SeenNodes.Device::uuid).orElse(""));
    tell(
        one,
        true,
        "Process %d in %s has %s open and is not of the run that has it."
            .formatted(one.process(), shown(group), one.node()));
  }

  private void over(Held one, String how) {
    String sentence = how.formatted(one.process(), one.node());
    LOG.info("{} run={}", sentence, one.run());
    tell(one, false, sentence);
    known.remove(one);
  }

  private void tell(Held one, boolean holds, String sentence) {
    told.accept(
        new ForeignHolder(one.run(), known.getOrDefault(one, ""), one.process(), holds, sentence));
  }

  /** Events are shown to everybody who may see the machines. */
  static String shown(String group) {
    String plain =
        PRIVATE.stream().filter(above -> group.startsWith(above + "/")).findFirst().orElse(group);
    return plain.isEmpty()
        ? "an unknown control group"
        : plain.substring(0, Math.min(plain.length(), LONGEST_GROUP));
  }
}
