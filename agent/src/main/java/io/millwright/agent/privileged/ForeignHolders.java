package io.millwright.agent.privileged;

import io.millwright.agent.launcher.Strangers;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who has a device of a run open while the run goes on and is not of it: a person's process whose
 * control group is that of no run which was given the device. Each is told once for a run, however
 * many of its devices it has, and once more when that is over; nobody is ended.
 *
 * <p>Owned by its lane, which waits for the kernel.
 */
public final class ForeignHolders {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignHolders.class);

  /** Of one run that are told and not over. */
  static final int MOST = 16;

  /** Of one run that are told in all; whoever begins new ones all the time is known by then. */
  static final int MOST_EVER = 128;

  /** In the log, of letters: whoever makes a control group gives it a name of any length. */
  private static final int LONGEST_GROUP = 400;

  /** The kernel lets a group's name have all but this and a slash. */
  private static final Pattern LINES = Pattern.compile("\n");

  private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

  private final HolderGroups groups;
  private final Strangers strangers;
  private final Supplier<List<Running>> runs;
  private final Supplier<NodeSnapshot> snapshot;
  private final Consumer<ForeignHolder> told;

  /** Those that were told and are not over. */
  private final Map<Held, Told> known = new LinkedHashMap<>();

  /** Of each run that were told in all. */
  private final Map<String, Integer> counts = new HashMap<>();

  /** Runs of which it was said that not all who have their devices are named. */
  private final Set<String> crowded = new HashSet<>();

  /**
   * A run whose devices are not free again.
   *
   * @param run as in {@code train-r1}
   * @param group the path of its control group, from the root of all
   * @param nodes its accelerators' device nodes, {@code nvidia3}; none where they are not known:
   *     nobody in its group is foreign to another run then
   * @param goes whether it goes on. Nobody is found of one that begins or is cleaned up, whose
   *     processes are not foreign to others all the same
   */
  public record Running(String run, String group, List<String> nodes, boolean goes) {
    public Running {
      nodes = List.copyOf(nodes);
    }
  }

  private record Held(String run, long process, long startTicks) {}

  private record Seen(String group, List<String> nodes) {}

  /**
   * @param uuid of the first of its devices; empty where it is not known
   * @param what they are called in a sentence
   */
  private record Told(String uuid, String what) {}

  /**
   * @param root where {@code proc} is
   * @param strangers whose processes count
   * @param runs those whose devices are not free; asked on the lane
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
    return !known.isEmpty()
        || runs.get().stream().anyMatch(run -> run.goes() && !run.nodes().isEmpty());
  }

  /** Takes a look at all holders. */
  void look(Answer.Holdings all) {
    Map<String, Running> open = new LinkedHashMap<>();
    runs.get().forEach(run -> open.put(run.run(), run));
    Map<Held, Seen> foreign = foreign(all, open.values());
    for (Held one : List.copyOf(known.keySet())) {
      Running run = open.get(one.run());
      if (run == null) {
        over(one, "The run has ended of which process %d had %s open.");
      } else if (!foreign.containsKey(one) && complete(all, run)) {
        over(one, "Process %d outside the run has %s open no more.");
      }
    }
    counts.keySet().retainAll(open.keySet());
    crowded.retainAll(open.keySet());
    open.values().stream().filter(Running::goes).forEach(run -> crowd(all, run));
    Map<String, SeenNodes.Device> devices = SeenNodes.of(snapshot.get());
    foreign.forEach((one, seen) -> {
      if (!known.containsKey(one)) {
        found(one, seen, devices);
      }
    });
  }

  /**
   * With their control groups. A process that has ended since is none; nor is one of a run that
   * does not go on, unless it was told while it did.
   */
  private Map<Held, Seen> foreign(Answer.Holdings all, Collection<Running> open) {
    Map<Held, Seen> foreign = new LinkedHashMap<>();
    for (Holding holding : all.devices()) {
      List<Running> having =
          open.stream().filter(run -> run.nodes().contains(holding.device())).toList();
      if (having.isEmpty()) {
        continue;
      }
      for (Holder holder : holding.holders()) {
        if (strangers.person().test(holder.uid())) {
          Optional<String> group = groups.of(holder).map(ForeignHolders::path);
          if (group.isPresent() && !excused(group.get(), holding.device(), open)) {
            for (Running run : having) {
              Held one = new Held(run.run(), holder.pid(), holder.startTicks());
              if (run.goes() || known.containsKey(one)) {
                foreign
                    .computeIfAbsent(one, _ -> new Seen(group.get(), new ArrayList<>()))
                    .nodes()
                    .add(holding.device());
              }
            }
          }
        }
      }
    }
    return foreign;
  }

  /** Whether it is of a run that has this device, or may have it. */
  private static boolean excused(String group, String node, Collection<Running> open) {
    return open.stream()
        .filter(run -> run.nodes().isEmpty() || run.nodes().contains(node))
        .anyMatch(run -> group.equals(run.group()) || group.startsWith(run.group() + "/"));
  }

  /** Of version 2, where jobs run; empty elsewhere. */
  private static String path(String text) {
    return LINES
        .splitAsStream(text)
        .filter(line -> line.startsWith("0::/"))
        .map(line -> line.substring("0::".length()))
        .findFirst()
        .orElse("");
  }

  /** Whether nobody who holds its devices can be missing. A node that is gone is held by nobody. */
  private static boolean complete(Answer.Holdings all, Running run) {
    return all.whole() && !run.nodes().isEmpty() && unnamed(all, run).isEmpty();
  }

  /** The first device of a run that more processes have open than are named. */
  private static Optional<Holding> unnamed(Answer.Holdings all, Running run) {
    return all.devices().stream()
        .filter(holding -> run.nodes().contains(holding.device()))
        .filter(holding -> holding.count() > holding.holders().size())
        .findFirst();
  }

  private void crowd(Answer.Holdings all, Running run) {
    Optional<Holding> much = unnamed(all, run);
    if (much.isPresent() && crowded.add(run.run())) {
      LOG.warn(
          "not all who have a device of a run open are named, so not all are told run={} device={} processes={} named={}",
          run.run(),
          much.get().device(),
          much.get().count(),
          much.get().holders().size());
    }
  }

  private void found(Held one, Seen seen, Map<String, SeenNodes.Device> devices) {
    long standing = known.keySet().stream().filter(it -> it.run().equals(one.run())).count();
    int before = counts.getOrDefault(one.run(), 0);
    if (standing >= MOST || before >= MOST_EVER) {
      return;
    }
    counts.put(one.run(), before + 1);
    String group = printed(seen.group());
    LOG.warn(
        "a process outside a run has a device of it open run={} devices={} process={} group={}",
        one.run(),
        seen.nodes(),
        one.process(),
        group);
    if (before + 1 == MOST_EVER) {
      LOG.warn("no more processes like that are told of run={}", one.run());
    } else if (standing + 1 == MOST) {
      LOG.warn("no more processes like that are told until one is over of run={}", one.run());
    }
    String first = seen.nodes().getFirst();
    int more = seen.nodes().size() - 1;
    String uuid = Optional.ofNullable(devices.get(first)).map(SeenNodes.Device::uuid).orElse("");
    Told told = new Told(uuid, more == 0 ? first : "%s and %d more".formatted(first, more));
    known.put(one, told);
    tell(
        one,
        told,
        true,
        "Process %d in %s has %s open and is not of the run that has %s."
            .formatted(one.process(), shown(group), told.what(), more == 0 ? "it" : "them"));
  }

  private void over(Held one, String how) {
    Optional.ofNullable(known.remove(one))
        .ifPresent(was -> {
          String sentence = how.formatted(one.process(), was.what());
          LOG.info("{} run={}", sentence, one.run());
          tell(one, was, false, sentence);
        });
  }

  private void tell(Held one, Told what, boolean holds, String sentence) {
    told.accept(new ForeignHolder(one.run(), what.uuid(), one.process(), holds, sentence));
  }

  /** Fit for a line of the log. */
  private static String printed(String group) {
    String plain = CONTROL.matcher(group).replaceAll("?");
    return plain.substring(0, Math.min(plain.length(), LONGEST_GROUP));
  }

  /**
   * Its first element: those beneath are called after users and jobs, and events are shown to
   * everybody who may see the machines.
   */
  private static String shown(String group) {
    int second = group.indexOf('/', 1);
    String top = second < 0 ? group : group.substring(0, second);
    return top.isEmpty() ? "an unknown control group" : top;
  }
}
