package io.millwright.agent.health;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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

  /** Far more than a node has of what may be gone; beyond them nothing new is missed. */
  private static final int MOST_MISSABLE = 2_048;

  /** Beyond so many, as where instances come and go for years, what is absent is forgotten. */
  private static final int MOST_SIGHTS = 16_384;

  private final List<Rule> rules;
  private final String statePath;
  private final Map<Key, Sight> sights = new LinkedHashMap<>();
  private IdentityHashMap<SeriesTable, Bound[]> bound = new IdentityHashMap<>();

  /** What was read once and no table has now, of rules that ask for that. */
  private List<Sight> missed = List.of();

  /**
   * A rule and where in a table its series is.
   *
   * @param whole index of the series that it is a share of; -1 where it is none
   */
  private record Bound(Sight sight, int index, int whole) {}

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
   */
  Looks(List<Rule> rules, String statePath) {
    this.rules = rules.stream().filter(rule -> rule.condition().lookedAt().isPresent()).toList();
    this.statePath = statePath;
  }

  /** Other rules; what was seen of those that stayed as they were goes on. */
  Looks with(List<Rule> others) {
    Looks next = new Looks(others, statePath);
    sights.forEach((key, sight) -> {
      if (others.contains(sight.rule())) {
        next.sights.put(key, sight);
      }
    });
    return next;
  }

  /** Looks at all readings; whoever is told knows then what speaks. */
  void step(Observation now, Consumer<Sight> speaking) {
    bind(now.snapshot());
    List<Sample> samples = now.snapshot().samples();
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i);
      for (Bound one : bound.getOrDefault(sample.table(), NONE)) {
        step(one, sample, now);
        tell(one.sight(), speaking);
      }
    }
    for (int i = 0; i < missed.size(); i++) {
      miss(missed.get(i), now);
      tell(missed.get(i), speaking);
    }
  }

  private static void tell(Sight sight, Consumer<Sight> speaking) {
    if (sight.speaks()) {
      speaking.accept(sight);
    }
  }

  private static void step(Bound one, Sample sample, Observation now) {
    Sight sight = one.sight();
    if (!sample.measured(one.index())) {
      unread(one, sample, now);
    } else if (one.whole() < 0) {
      sight.read(sample.value(one.index()), now.nanos(), now.wallMs());
    } else if (sample.measured(one.whole()) && sample.value(one.whole()) > 0) {
      double share = sample.value(one.index()) / sample.value(one.whole());
      sight.read(share, now.nanos(), now.wallMs());
    } else {
      sight.unread(now.nanos(), now.wallMs());
    }
  }

  private static void unread(Bound one, Sample sample, Observation now) {
    boolean notFound =
        one.sight().missable()
            && sample.reading(one.index()) instanceof Reading.Unavailable(Fault fault)
            && fault == Fault.NOT_FOUND;
    if (notFound) {
      one.sight().missed(now.nanos(), now.wallMs());
    } else {
      one.sight().unread(now.nanos(), now.wallMs());
    }
  }

  /** Nothing is gone while a probe fails that tells of it. */
  private static void miss(Sight sight, Observation now) {
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
    forget(there);
  }

  private Bound[] bound(SeriesTable table, Optional<String> state, Set<Key> there) {
    List<Bound> found = new ArrayList<>();
    for (int index = 0; index < table.size(); index++) {
      int i = index;
      Series series = table.series(i);
      for (Rule rule : rules) {
        Match match = rule.condition().lookedAt().orElseThrow();
        if (match.covers(series) && judges(rule, series) && placed(match, series, state)) {
          whole(rule, table, series)
              .ifPresent(whole -> found.add(bound(rule, series, there, i, whole)));
        }
      }
    }
    return found.toArray(Bound[]::new);
  }

  private Bound bound(Rule rule, Series series, Set<Key> there, int index, int whole) {
    Key key = key(rule, series);
    there.add(key);
    Sight sight = sights.computeIfAbsent(key, of -> new Sight(rule, of.subject(), series));
    return new Bound(sight, index, whole);
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

  /** Where the whole is that a series is a share of; -1 where it is none, empty without one. */
  private static OptionalInt whole(Rule rule, SeriesTable table, Series part) {
    if (!(rule.condition() instanceof Condition.Share share)) {
      return OptionalInt.of(-1);
    }
    for (int i = 0; i < table.size(); i++) {
      Series series = table.series(i);
      if (series.metric() == share.whole() && series.labelValues().equals(part.labelValues())) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
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
    sights.forEach((key, sight) -> {
      if (!there.contains(key) && sight.missable() && absent.size() < MOST_MISSABLE) {
        absent.add(sight);
        there.add(key);
      }
    });
    boolean many = sights.size() > MOST_SIGHTS;
    sights.keySet().removeIf(key -> (many || key.subject().equals(NODE)) && !there.contains(key));
    missed = absent;
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
