package io.millwright.agent.health;

import io.millwright.agent.health.Memory.Standing;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Match;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The rules of single readings, held against the series that they look at. Which those are is
 * worked out once for each set of tables.
 */
final class Looks {
  private static final int UUID = 2;
  private static final int VENDOR = 3;
  private static final int MOUNT_POINT = 1;
  private static final String NODE = "";
  private static final Bound[] NONE = {};

  /** A reading that a device refuses which answers otherwise; the other faults are told apart. */
  private static final Set<Fault> REFUSED = EnumSet.of(Fault.OTHER, Fault.PARSE);

  /** Far more than a node has of what may be gone; beyond them nothing new is missed. */
  private static final int MOST_MISSABLE = 2_048;

  /** Beyond so many, as where instances come and go for years, what is absent is forgotten. */
  private static final int MOST_SIGHTS = 16_384;

  private final List<Rule> rules;
  private final String statePath;
  private final Map<Key, Sight> sights = new LinkedHashMap<>();
  private IdentityHashMap<SeriesTable, Bound[]> bound = new IdentityHashMap<>();

  /** Of rules that hold devices against one another. */
  private List<Peers> peers = List.of();

  /** What was read once and no table has now, of rules that ask for that. */
  private List<Sight> missed = List.of();

  /** What was said when the agent ended, and no table has yet that tells how it is. */
  private List<Sight> awaited = List.of();

  /**
   * A rule and where in a table its series is.
   *
   * @param whole index of the series that it is a share of, or of the link's width; -1 for none
   * @param generation index of the series of the link's generation; -1 for none
   */
  record Bound(Sight sight, int index, int whole, int generation) {}

  /**
   * Of a rule and the series of one thing: outlives a change of tables.
   *
   * @param subject uuid of the device; empty for the node
   * @param labels further ones of the series
   */
  private record Key(String rule, String subject, List<String> labels) {}

  /**
   * @param rules of which those are taken that look at readings
   * @param statePath what the agent keeps its state in
   * @param standing what was said when an earlier start of the agent ended
   */
  Looks(List<Rule> rules, String statePath, List<Standing> standing) {
    this.rules = rules.stream().filter(rule -> rule.condition().lookedAt().isPresent()).toList();
    this.statePath = statePath;
    standing.forEach(this::takeUp);
    this.awaited = waiting();
  }

  private void takeUp(Standing one) {
    rules.stream()
        .filter(rule -> rule.id().equals(one.key()))
        .forEach(rule -> {
          Sight sight = new Sight(rule, one.subject(), one.labels());
          sight.stood(one);
          sights.put(new Key(rule.id(), one.subject(), one.labels()), sight);
        });
  }

  /** All that speaks. */
  List<Standing> standing() {
    return sights.values().stream().filter(Sight::speaks).map(Sight::standing).toList();
  }

  /** Other rules; what was seen of those that stayed as they were goes on. */
  Looks with(List<Rule> others) {
    Looks next = new Looks(others, statePath, List.of());
    sights.forEach((key, sight) -> {
      if (others.contains(sight.rule())) {
        next.sights.put(key, sight);
      }
    });
    next.awaited = next.waiting();
    return next;
  }

  /** All of them before the first table. */
  private List<Sight> waiting() {
    return sights.values().stream().filter(Sight::awaited).toList();
  }

  /**
   * Looks at all readings; whoever is told knows then what speaks.
   *
   * @return a sum that is another where something else speaks than before
   */
  long step(Observation now, Node node, Consumer<Sight> speaking) {
    bind(now.snapshot());
    for (Peers group : peers) {
      group.compare(now, node);
    }
    long sum = 0;
    List<Sample> samples = now.snapshot().samples();
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i);
      for (Bound one : bound.getOrDefault(sample.table(), NONE)) {
        step(one, sample, node, now);
        sum += tell(one.sight(), speaking);
      }
    }
    for (int i = 0; i < missed.size(); i++) {
      miss(missed.get(i), now);
      sum += tell(missed.get(i), speaking);
    }
    for (int i = 0; i < awaited.size(); i++) {
      sum += tell(awaited.get(i), speaking);
    }
    return sum;
  }

  private static long tell(Sight sight, Consumer<Sight> speaking) {
    if (!sight.speaks()) {
      return 0;
    }
    speaking.accept(sight);
    return sight.mark();
  }

  private static void step(Bound one, Sample sample, Node node, Observation now) {
    Sight sight = one.sight();
    if (sight.rule().condition() instanceof Condition.BelowPeers) {
      return; // was held against its peers
    }
    if (!sample.measured(one.index())) {
      unread(one, sample, now);
    } else if (!judgeable(sight, node)) {
      sight.unread(now.nanos(), now.wallMs());
    } else {
      sight
          .takenAt(sample.readAtNanos(one.index()))
          .read(sample.value(one.index()), per(one, sample), now.nanos(), now.wallMs());
    }
  }

  /** Of some rules it matters what the device does. */
  private static boolean judgeable(Sight sight, Node node) {
    return switch (sight.rule().condition()) {
      case Condition.Began _ -> !node.work(sight.subject()).divided();
      case Condition.Frozen _ -> node.work(sight.subject()).busy();
      default -> true;
    };
  }

  /** What the figure is a multiple of; NaN where that was not read. */
  private static double per(Bound one, Sample sample) {
    if (one.whole() < 0) {
      return 1;
    }
    if (!sample.measured(one.whole())) {
      return Double.NaN;
    }
    double whole = sample.value(one.whole());
    return switch (one.sight().rule().condition()) {
      case Condition.PcieReplays(Duration window) ->
          sample.measured(one.generation())
              ? PcieReplayLimit.within(window, sample.value(one.generation()), whole)
              : Double.NaN;
      default -> whole > 0 ? whole : Double.NaN;
    };
  }

  private static void unread(Bound one, Sample sample, Observation now) {
    Sight sight = one.sight();
    if (sight.rule().condition() instanceof Condition.Blind) {
      miss(sight, now);
    } else if (!(sample.reading(one.index()) instanceof Reading.Unavailable(Fault fault))) {
      sight.unread(now.nanos(), now.wallMs());
    } else if (fault == Fault.NOT_FOUND) {
      sight.missed(now.nanos(), now.wallMs());
    } else if (fault == Fault.DEVICE_LOST) {
      sight.lost(now.nanos(), now.wallMs());
    } else if (REFUSED.contains(fault)) {
      sight.refused(now.nanos(), now.wallMs());
    } else {
      sight.unread(now.nanos(), now.wallMs());
    }
  }

  /**
   * Nothing is gone while a probe fails that tells of it, and nothing is blind that works; of a
   * probe that has not answered yet nothing is known.
   */
  private static void miss(Sight sight, Observation now) {
    if (sight.rule().condition() instanceof Condition.Blind(Match match, String probe)) {
      if (now.failing().contains(probe)) {
        sight.missed(now.nanos(), now.wallMs());
      } else if (now.answered().contains(probe)) {
        sight.settled(now.nanos(), now.wallMs());
      } else {
        sight.unread(now.nanos(), now.wallMs());
      }
      return;
    }
    boolean fails =
        sight.rule().condition() instanceof Condition.Gone gone
            && !Collections.disjoint(gone.probes(), now.failing());
    if (fails) {
      sight.unread(now.nanos(), now.wallMs());
    } else {
      sight.missed(now.nanos(), now.wallMs());
    }
  }

  // ---- which series

  private void bind(NodeSnapshot snapshot) {
    boolean same = bound.size() == snapshot.samples().size();
    for (int i = 0; same && i < snapshot.samples().size(); i++) {
      same = bound.containsKey(snapshot.samples().get(i).table());
    }
    if (same) {
      return;
    }
    IdentityHashMap<SeriesTable, Bound[]> next = new IdentityHashMap<>();
    Optional<String> state = mountOf(statePath, snapshot);
    Set<Key> there = new HashSet<>();
    for (Sample sample : snapshot.samples()) {
      next.put(sample.table(), bound(sample.table(), state, there));
    }
    bound = next;
    peers = Peers.of(next);
    forget(there);
  }

  private Bound[] bound(SeriesTable table, Optional<String> state, Set<Key> there) {
    List<Bound> found = new ArrayList<>();
    for (int index = 0; index < table.size(); index++) {
      Series series = table.series(index);
      for (Rule rule : rules) {
        Match match = rule.condition().lookedAt().orElseThrow();
        if (match.covers(series) && judges(rule, series) && placed(match, series, state)) {
          bound(rule, table, index, there).ifPresent(found::add);
        }
      }
    }
    return found.toArray(Bound[]::new);
  }

  /** Empty where the rule needs a second series that nobody tells. */
  private Optional<Bound> bound(Rule rule, SeriesTable table, int index, Set<Key> there) {
    Series series = table.series(index);
    return switch (standing(rule.condition())) {
      case Condition.Share share -> {
        int whole = other(table, series, share.part(), share.whole());
        yield whole < 0
            ? Optional.empty()
            : Optional.of(new Bound(sight(rule, series, there), index, whole, -1));
      }
      case Condition.PcieReplays _ -> {
        Match own = Condition.PcieReplays.COUNTER;
        int lanes = other(table, series, own, PcieReplayLimit.LANES);
        int generation = other(table, series, own, PcieReplayLimit.GENERATION);
        yield lanes < 0 || generation < 0
            ? Optional.empty()
            : Optional.of(new Bound(sight(rule, series, there), index, lanes, generation));
      }
      default -> Optional.of(new Bound(sight(rule, series, there), index, -1, -1));
    };
  }

  private static Condition standing(Condition condition) {
    return condition instanceof Condition.Began(Condition standing) ? standing : condition;
  }

  private Sight sight(Rule rule, Series series, Set<Key> there) {
    Key key = key(rule, series);
    there.add(key);
    return sights.computeIfAbsent(key, of -> new Sight(rule, of.subject(), of.labels()));
  }

  /**
   * The series of the same labels, but for those that either side names; -1 where there is none.
   */
  private static int other(SeriesTable table, Series series, Match own, Match wanted) {
    for (int i = 0; i < table.size(); i++) {
      Series candidate = table.series(i);
      if (wanted.covers(candidate) && rest(candidate, wanted).equals(rest(series, own))) {
        return i;
      }
    }
    return -1;
  }

  /** The values of the labels that a match leaves open. */
  private static List<String> rest(Series series, Match match) {
    List<String> labels = series.metric().labels();
    List<String> open = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      if (!match.labels().containsKey(labels.get(i))) {
        open.add(series.labelValues().get(i));
      }
    }
    return open;
  }

  /** What is right for one vendor's devices is not for another's. */
  private static boolean judges(Rule rule, Series series) {
    return series.metric().scope() != Metric.Scope.ACCELERATOR
        || rule.ofDevices(series.labelValues().get(VENDOR));
  }

  private static boolean placed(Match match, Series series, Optional<String> state) {
    if (match.places().isEmpty()) {
      return true;
    }
    String mountPoint = series.labelValues().get(MOUNT_POINT);
    return (match.places().contains("state") && state.filter(mountPoint::equals).isPresent())
        || (match.places().contains("root") && mountPoint.equals("/"));
  }

  private static Key key(Rule rule, Series series) {
    int own = series.metric().scope().labels().size();
    return new Key(
        rule.id(),
        series.metric().scope() == Metric.Scope.ACCELERATOR ? series.labelValues().get(UUID) : NODE,
        List.copyOf(series.labelValues().subList(own, series.labelValues().size())));
  }

  /**
   * What is not there: missed where a rule asks for it; else a file system that is mounted no more
   * has no verdict, and a device that is gone keeps its own.
   */
  private void forget(Set<Key> there) {
    List<Sight> absent = new ArrayList<>();
    List<Sight> waiting = new ArrayList<>();
    sights.forEach((key, sight) -> {
      if (!there.contains(key) && sight.missable() && absent.size() < MOST_MISSABLE) {
        absent.add(sight);
        there.add(key);
      } else if (sight.awaited() && there.add(key)) {
        waiting.add(sight); // its table has not come yet since the agent's start
      }
    });
    boolean many = sights.size() > MOST_SIGHTS;
    sights.keySet().removeIf(key -> (many || key.subject().equals(NODE)) && !there.contains(key));
    missed = absent;
    awaited = waiting;
  }

  /** The mount point that holds a path: the longest that it begins with. */
  private static Optional<String> mountOf(String path, NodeSnapshot snapshot) {
    Optional<String> longest = Optional.empty();
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.NODE_FILESYSTEM_READONLY) {
          String mountPoint = series.labelValues().get(MOUNT_POINT);
          if (holds(mountPoint, path)
              && longest.filter(known -> known.length() >= mountPoint.length()).isEmpty()) {
            longest = Optional.of(mountPoint);
          }
        }
      }
    }
    return longest;
  }

  private static boolean holds(String mountPoint, String path) {
    return mountPoint.equals("/") || path.equals(mountPoint) || path.startsWith(mountPoint + "/");
  }
}
