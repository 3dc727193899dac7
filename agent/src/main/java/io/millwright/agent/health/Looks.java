package io.millwright.agent.health;

import io.millwright.agent.health.Track.Look;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Ending;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rules of single readings, held against the series that they look at. Which those are is
 * worked out once for each set of tables.
 */
final class Looks {
  private static final int UUID = 2;
  private static final int VENDOR = 3;
  private static final int MOUNT_POINT = 1;
  private static final String NODE = "";
  private static final double GONE = 1;
  private static final double THERE = 0;

  /** Far more than a node has of what may be gone; beyond them nothing new is missed. */
  private static final int MOST_TOLD = 2_048;

  private final List<Rule> rules;
  private final String statePath;
  private final Map<List<String>, Track> tracks = new HashMap<>();
  private final Map<List<String>, Growth> growths = new HashMap<>();
  private final Map<List<String>, Turns> turns = new HashMap<>();

  /** Of rules that ask whether a series is gone, those that were read once. */
  private final Map<List<String>, Bound> told = new LinkedHashMap<>();

  /** Those of them that no table has now. */
  private List<Bound> missed = List.of();

  private IdentityHashMap<SeriesTable, List<Bound>> bound = new IdentityHashMap<>();

  /**
   * A rule and one series that it looks at.
   *
   * @param whole index of the series that it is a share of; -1 where it is none
   * @param key of the rule, the device, and the further labels: outlives a change of tables
   */
  private record Bound(Rule rule, Series series, int index, int whole, List<String> key) {}

  /** A rule that speaks of a device, or of the node where the uuid is empty. */
  record Speaking(Rule rule, String uuid, long sinceMs, String observed) {}

  /**
   * @param rules of which those are taken that look at readings
   * @param statePath what the agent keeps its state in
   */
  Looks(List<Rule> rules, String statePath) {
    this.rules = rules.stream().filter(rule -> match(rule).isPresent()).toList();
    this.statePath = statePath;
  }

  private static Optional<Match> match(Rule rule) {
    return switch (rule.condition()) {
      case Condition.Reading(Match match, var comparison, double threshold) -> Optional.of(match);
      case Condition.Increase(Match match, double least, Duration window) -> Optional.of(match);
      case Condition.Share(Match part, Metric whole, var comparison, double threshold) ->
          Optional.of(part);
      case Condition.Turns turns -> Optional.of(turns.match());
      case Condition.Gone gone -> Optional.of(gone.match());
      case Condition.Xid _,
          Condition.NeuronError _,
          Condition.XidJobs _,
          Condition.Kernel _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Missing _,
          Condition.ProbeFails _ ->
          Optional.empty();
    };
  }

  List<Speaking> step(Observation now) {
    bind(now.snapshot());
    List<Speaking> speaking = new ArrayList<>();
    for (Sample sample : now.snapshot().samples()) {
      for (Bound one : bound.getOrDefault(sample.table(), List.of())) {
        step(one, value(one, sample, now.nanos()), now, speaking);
      }
    }
    for (Bound one : missed) {
      step(one, fails(one, now) ? Double.NaN : GONE, now, speaking);
    }
    return speaking;
  }

  /** Whether one of the probes fails that tell of it. */
  private static boolean fails(Bound one, Observation now) {
    return one.rule().condition() instanceof Condition.Gone gone
        && !Collections.disjoint(gone.probes(), now.failing());
  }

  private void step(Bound one, double value, Observation now, List<Speaking> speaking) {
    Track track = tracks.computeIfAbsent(one.key(), key -> new Track());
    step(one, value, track, now.nanos(), now.wallMs());
    if (track.speaks()) {
      speaking.add(new Speaking(one.rule(), one.key().get(1), track.sinceMs(), track.observed()));
    }
  }

  private void step(Bound one, double value, Track track, long nanos, long wallMs) {
    boolean seen = !Double.isNaN(value);
    Look holds = seen ? Look.of(holds(one.rule().condition(), value)) : Look.UNSEEN;
    Look over = seen ? over(one.rule().ending(), holds, value) : Look.UNSEEN;
    String words = holds == Look.YES ? words(one, value) : "";
    track.step(holds, over, one.rule().held(), ended(one.rule().ending()), nanos, wallMs, words);
  }

  /** NaN where it was not read. */
  private double value(Bound one, Sample sample, long nanos) {
    if (!sample.measured(one.index())) {
      return unread(one, sample);
    }
    double value = sample.value(one.index());
    return switch (one.rule().condition()) {
      case Condition.Share share ->
          sample.measured(one.whole()) && sample.value(one.whole()) > 0
              ? value / sample.value(one.whole())
              : Double.NaN;
      case Condition.Increase(Match match, double least, Duration window) ->
          growths.computeIfAbsent(one.key(), key -> new Growth(window)).within(nanos, value);
      case Condition.Turns condition ->
          turns(one, condition)
              .within(nanos, condition.comparison().holds(value, condition.threshold()));
      case Condition.Gone ignored -> {
        told(one);
        yield THERE;
      }
      case Condition.Reading ignored -> value;
      case Condition.Xid _,
          Condition.NeuronError _,
          Condition.XidJobs _,
          Condition.Kernel _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Missing _,
          Condition.ProbeFails _ ->
          Double.NaN;
    };
  }

  private double unread(Bound one, Sample sample) {
    if (one.rule().condition() instanceof Condition.Turns condition) {
      turns(one, condition).unseen();
    }
    boolean gone =
        told.containsKey(one.key())
            && sample.reading(one.index()) instanceof Reading.Unavailable(Fault fault)
            && fault == Fault.NOT_FOUND;
    return gone ? GONE : Double.NaN;
  }

  private Turns turns(Bound one, Condition.Turns condition) {
    return turns.computeIfAbsent(one.key(), key -> new Turns(condition.held(), condition.window()));
  }

  private void told(Bound one) {
    if (told.size() < MOST_TOLD) {
      told.putIfAbsent(one.key(), one);
    }
  }

  private static boolean holds(Condition condition, double value) {
    return switch (condition) {
      case Condition.Reading(Match match, var comparison, double threshold) ->
          comparison.holds(value, threshold);
      case Condition.Share(Match part, Metric whole, var comparison, double threshold) ->
          comparison.holds(value, threshold);
      case Condition.Increase(Match match, double least, Duration window) -> value >= least;
      case Condition.Turns turns -> value >= turns.least();
      case Condition.Gone _ -> value == GONE;
      case Condition.Xid _,
          Condition.NeuronError _,
          Condition.XidJobs _,
          Condition.Kernel _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Missing _,
          Condition.ProbeFails _ ->
          false;
    };
  }

  private static Look over(Ending ending, Look holds, double value) {
    return switch (ending) {
      case Ending.Value(var comparison, double threshold, Duration held) ->
          Look.of(comparison.holds(value, threshold));
      case Ending.Not(Duration held) -> Look.of(holds == Look.NO);
      case Ending.Reset _, Ending.Boot _, Ending.Quiet _ -> Look.NO;
    };
  }

  static Duration ended(Ending ending) {
    return switch (ending) {
      case Ending.Value(var comparison, double threshold, Duration held) -> held;
      case Ending.Not(Duration held) -> held;
      case Ending.Reset _, Ending.Boot _, Ending.Quiet _ -> Duration.ZERO;
    };
  }

  private static String words(Bound one, double value) {
    Series series = one.series();
    int own = series.metric().scope().labels().size();
    List<String> labels = series.labelValues().subList(own, series.labelValues().size());
    String name = series.metric().familyName().replaceFirst("millwright_(accelerator|node)_", "");
    String of = labels.isEmpty() ? "" : " (" + String.join(", ", labels) + ")";
    return switch (one.rule().condition()) {
      case Condition.Share share ->
          String.format(Locale.ROOT, "%s%s are %.1f %% of all", name, of, 100 * value);
      case Condition.Increase increase ->
          String.format(
              Locale.ROOT,
              "%s%s rose by %s within %s",
              name,
              of,
              number(value),
              span(increase.window()));
      case Condition.Turns turns ->
          "%s%s turned %s %s %s times within %s"
              .formatted(
                  name,
                  of,
                  turns.comparison().sign(),
                  number(turns.threshold()),
                  number(value),
                  span(turns.window()));
      case Condition.Gone _ -> "%s%s was there and is told of no more".formatted(name, of);
      default -> "%s%s is %s".formatted(name, of, number(value));
    };
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.3f", value);
  }

  private static String span(Duration window) {
    return window.toMinutes() + " min";
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
    IdentityHashMap<SeriesTable, List<Bound>> next = new IdentityHashMap<>();
    Optional<String> state = mountOf(statePath, snapshot);
    for (Sample sample : snapshot.samples()) {
      next.put(sample.table(), bound(sample.table(), state));
    }
    bound = next;
    Set<List<String>> there = new HashSet<>();
    bound.values().forEach(all -> all.forEach(one -> there.add(one.key())));
    missed = told.values().stream().filter(one -> !there.contains(one.key())).toList();
    missed.forEach(one -> there.add(one.key()));
    forget(there);
  }

  private List<Bound> bound(SeriesTable table, Optional<String> state) {
    List<Bound> found = new ArrayList<>();
    for (int i = 0; i < table.size(); i++) {
      Series series = table.series(i);
      for (Rule rule : rules) {
        Match match = match(rule).orElseThrow();
        if (match.covers(series) && judges(rule, series) && placed(match, series, state)) {
          found.add(new Bound(rule, series, i, whole(rule, table, series), key(rule, series)));
        }
      }
    }
    return List.copyOf(found);
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

  private static int whole(Rule rule, SeriesTable table, Series part) {
    if (!(rule.condition() instanceof Condition.Share share)) {
      return -1;
    }
    for (int i = 0; i < table.size(); i++) {
      Series series = table.series(i);
      if (series.metric() == share.whole() && series.labelValues().equals(part.labelValues())) {
        return i;
      }
    }
    throw new IllegalStateException("%s has no %s".formatted(part, share.whole()));
  }

  private static List<String> key(Rule rule, Series series) {
    int own = series.metric().scope().labels().size();
    List<String> key = new ArrayList<>();
    key.add(rule.id());
    key.add(
        series.metric().scope() == Metric.Scope.ACCELERATOR
            ? series.labelValues().get(UUID)
            : NODE);
    key.addAll(series.labelValues().subList(own, series.labelValues().size()));
    return List.copyOf(key);
  }

  /** A file system that is mounted no more has no verdict; a device that is gone keeps its own. */
  private void forget(Set<List<String>> there) {
    tracks.keySet().removeIf(key -> key.get(1).equals(NODE) && !there.contains(key));
    growths.keySet().removeIf(key -> key.get(1).equals(NODE) && !there.contains(key));
    turns.keySet().removeIf(key -> key.get(1).equals(NODE) && !there.contains(key));
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
