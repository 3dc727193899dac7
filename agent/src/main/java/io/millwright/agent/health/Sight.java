package io.millwright.agent.health;

import io.millwright.agent.health.Memory.Standing;
import io.millwright.agent.health.Track.Look;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Ending;
import io.millwright.protocol.health.Match;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.vocabulary.Metric;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One rule held against one series, with what it remembers of it. It outlives a change of tables.
 */
final class Sight {
  private final Rule rule;
  private final String subject;
  private final List<String> labels;
  private final long mark;
  private final Past past;
  private final Track track = new Track();
  private double figure;
  private double told = Double.NaN;
  private String words = "";

  /** Said before the agent started, and not read since. */
  private boolean awaited;

  /** When the reading that is looked at was taken. */
  private long readAtNanos;

  /** Before then what asks of the past cannot know that it is over. */
  private long overFromNanos = Long.MIN_VALUE;

  /** What a condition remembers of the readings before. */
  private sealed interface Past {
    record None() implements Past {}

    record Grown(Growth growth) implements Past {}

    /** Of what may be refused. */
    record Asked() implements Past {}

    record Turned(Turns turns, Condition.Turns of) implements Past {}

    record Lacked(Medians medians) implements Past {}

    /** Of what may begin. */
    final class Begun implements Past {
      private boolean otherwise;
    }

    /** Of what may stand still. */
    final class Stood implements Past {
      private double last = Double.NaN;
      private boolean moved;

      private long readAtNanos;
      private Look still = Look.UNSEEN;

      /**
       * Whether it stands where it stood when it was read before, which one reading does not tell;
       * what went back must be seen to move first.
       */
      Look still(double value, long readNanos) {
        if (readNanos != readAtNanos) {
          if (!Double.isNaN(last)) {
            boolean same = value == last;
            moved = same ? moved : value > last;
            still = Look.of(same && moved);
          }
          last = value;
          readAtNanos = readNanos;
        }
        return still;
      }
    }

    /** Of what may be gone. */
    final class Seen implements Past {
      private boolean once;
    }
  }

  /**
   * @param subject uuid of the device; empty for the node
   * @param labels of the series, behind those of the subject
   */
  Sight(Rule rule, String subject, List<String> labels) {
    this.rule = rule;
    this.subject = subject;
    this.labels = List.copyOf(labels);
    this.mark = Objects.hash(rule.id(), subject, labels);
    this.past =
        switch (rule.condition()) {
          case Condition.Increase(Match match, double least, Duration window) ->
              new Past.Grown(new Growth(window));
          case Condition.PcieReplays(Duration window) -> new Past.Grown(new Growth(window));
          case Condition.Unread _ -> new Past.Asked();
          case Condition.Turns turns ->
              new Past.Turned(new Turns(turns.held(), turns.window()), turns);
          case Condition.Gone _, Condition.Blind _ -> new Past.Seen();
          case Condition.Began _ -> new Past.Begun();
          case Condition.Frozen _ -> new Past.Stood();
          case Condition.BelowPeers below -> new Past.Lacked(new Medians(below.window()));
          case Condition.Reading _,
              Condition.Fewer _,
              Condition.Share _,
              Condition.Xid _,
              Condition.Sxid _,
              Condition.NeuronError _,
              Condition.XidJobs _,
              Condition.Kernel _,
              Condition.Lost _,
              Condition.DriverGone _,
              Condition.Stuck _,
              Condition.Silent _,
              Condition.Awaited _,
              Condition.Missing _,
              Condition.ProbeFails _ ->
              new Past.None();
        };
  }

  Rule rule() {
    return rule;
  }

  String subject() {
    return subject;
  }

  boolean speaks() {
    return track.speaks();
  }

  long sinceMs() {
    return track.sinceMs();
  }

  /** Whether it is of what may be gone, and was read once. */
  boolean missable() {
    return past instanceof Past.Seen seen && seen.once;
  }

  /** Differs from that of what else speaks, or spoke from another time on. */
  long mark() {
    return mark + 31L * track.sinceMs();
  }

  // ---- over a start of the agent

  /** As it is kept. */
  Standing standing() {
    return new Standing(rule.id(), subject, labels, track.sinceMs(), observed());
  }

  /** It was said when the agent ended; it is said on until it is seen to be over. */
  void stood(Standing before) {
    track.stood(before.sinceMs(), before.observed());
    words = before.observed();
    figure = Double.NaN;
    awaited = true;
    switch (past) {
      case Past.Seen seen -> seen.once = true;
      case Past.Stood frozen -> frozen.moved = true; // else it could not have spoken
      case Past.None _,
          Past.Grown _,
          Past.Asked _,
          Past.Turned _,
          Past.Lacked _,
          Past.Begun _ -> {} // nothing that must be known before it goes on
    }
  }

  boolean awaited() {
    return awaited;
  }

  /** What this start of the agent has not watched for a whole window is not over. */
  private void meet(long nanos) {
    awaited = false;
    Optional<Duration> window =
        switch (rule.condition()) {
          case Condition.Increase increase -> Optional.of(increase.window());
          case Condition.Turns turns -> Optional.of(turns.window());
          case Condition.PcieReplays(Duration own) -> Optional.of(own);
          default -> Optional.empty();
        };
    window.ifPresent(span -> overFromNanos = nanos + span.toNanos());
  }

  // ---- what was seen

  /** What is read next was taken then. */
  Sight takenAt(long nanos) {
    readAtNanos = nanos;
    return this;
  }

  /**
   * It was read.
   *
   * @param per the figure is held against the rule as so many times this; NaN where that is not
   *     known
   */
  void read(double value, double per, long nanos, long wallMs) {
    if (awaited) {
      meet(nanos);
    }
    switch (past) {
      case Past.None _ -> look(value / per, nanos, wallMs);
      case Past.Grown(Growth growth) -> look(growth.within(nanos, value) / per, nanos, wallMs);
      case Past.Asked _ -> step(Look.NO, Look.YES, nanos, wallMs);
      case Past.Turned(Turns turns, Condition.Turns of) -> {
        boolean stands = of.comparison().holds(value, of.threshold());
        look((double) turns.within(nanos, stands), nanos, wallMs);
      }
      case Past.Lacked(Medians medians) -> look(medians.of(nanos, value), nanos, wallMs);
      case Past.Begun begun -> begin(begun, value / per, nanos, wallMs);
      case Past.Stood stood -> {
        Look still = stood.still(value, readAtNanos);
        figure = value;
        step(still, still.opposite(), nanos, wallMs);
      }
      case Past.Seen seen -> {
        seen.once = true;
        step(Look.NO, Look.YES, nanos, wallMs);
      }
    }
  }

  private void begin(Past.Begun begun, double value, long nanos, long wallMs) {
    if (!Double.isNaN(value) && !holds(value)) {
      begun.otherwise = true;
    }
    if (begun.otherwise || track.speaks()) {
      look(value, nanos, wallMs);
    } else {
      unread(nanos, wallMs);
    }
  }

  /** Something else than the device decides on what it does: what was seen of it says nothing. */
  void disturbed(long nanos, long wallMs) {
    if (past instanceof Past.Lacked(Medians medians)) {
      medians.clear();
    }
    unread(nanos, wallMs);
  }

  /** The driver has lost the device: what comes back begins anew. */
  void lost(long nanos, long wallMs) {
    if (past instanceof Past.Begun begun) {
      begun.otherwise = false;
    }
    unread(nanos, wallMs);
  }

  /** It could not be read. */
  void unread(long nanos, long wallMs) {
    if (past instanceof Past.Turned(Turns turns, var of)) {
      turns.unseen();
    }
    step(Look.UNSEEN, Look.UNSEEN, nanos, wallMs);
  }

  /** Its source works. */
  void settled(long nanos, long wallMs) {
    step(Look.NO, Look.YES, nanos, wallMs);
  }

  /** Its source works and does not find it; of what may be blind, its source does not work. */
  void missed(long nanos, long wallMs) {
    if (missable()) {
      step(Look.YES, Look.NO, nanos, wallMs);
    } else {
      lost(nanos, wallMs);
    }
  }

  /** The device, which answers otherwise, does not tell it. */
  void refused(long nanos, long wallMs) {
    if (past instanceof Past.Asked) {
      step(Look.YES, Look.NO, nanos, wallMs);
    } else {
      unread(nanos, wallMs);
    }
  }

  private void look(double value, long nanos, long wallMs) {
    if (Double.isNaN(value)) {
      step(Look.UNSEEN, Look.UNSEEN, nanos, wallMs);
      return;
    }
    boolean holds = holds(value);
    if (holds) {
      figure = value;
    }
    step(Look.of(holds), nanos < overFromNanos ? Look.NO : over(holds, value), nanos, wallMs);
  }

  private void step(Look holds, Look over, long nanos, long wallMs) {
    track.step(holds, over, rule.held(), ended(rule.ending()), nanos, wallMs);
  }

  private boolean holds(double value) {
    return holds(rule.condition(), value);
  }

  private static boolean holds(Condition condition, double value) {
    return switch (condition) {
      case Condition.Began(Condition standing) -> holds(standing, value);
      case Condition.BelowPeers below -> value >= below.by();
      case Condition.Reading reading -> reading.comparison().holds(value, reading.threshold());
      case Condition.Share share -> share.comparison().holds(value, share.threshold());
      case Condition.Increase increase -> value >= increase.least();
      case Condition.PcieReplays _ -> value > 1;
      case Condition.Turns turns -> value >= turns.least();
      case Condition.Gone _,
          Condition.Blind _,
          Condition.Fewer _,
          Condition.Frozen _,
          Condition.Unread _,
          Condition.Xid _,
          Condition.Sxid _,
          Condition.NeuronError _,
          Condition.XidJobs _,
          Condition.Kernel _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Awaited _,
          Condition.Missing _,
          Condition.ProbeFails _ ->
          false;
    };
  }

  private Look over(boolean holds, double value) {
    return switch (rule.ending()) {
      case Ending.Value ending -> Look.of(ending.comparison().holds(value, ending.threshold()));
      case Ending.Not _ -> Look.of(!holds);
      case Ending.Reset _, Ending.Boot _, Ending.Quiet _ -> Look.NO;
    };
  }

  static Duration ended(Ending ending) {
    return switch (ending) {
      case Ending.Value value -> value.held();
      case Ending.Not not -> not.held();
      case Ending.Reset _, Ending.Boot _, Ending.Quiet _ -> Duration.ZERO;
    };
  }

  // ---- in words

  /** What was seen when it held last; made anew only where the figure is another. */
  String observed() {
    if (words.isEmpty() || Double.compare(figure, told) != 0) {
      told = figure;
      words = words();
    }
    return words;
  }

  private String words() {
    String name = name(rule.condition().lookedAt().orElseThrow().metric());
    String of = labels.isEmpty() ? "" : " (" + String.join(", ", labels) + ")";
    return words(rule.condition(), name, of);
  }

  private String words(Condition condition, String name, String of) {
    return switch (condition) {
      case Condition.Began(Condition standing) -> words(standing, name, of);
      case Condition.Frozen _ ->
          "%s%s stands still at %s while the device is at work".formatted(name, of, number(figure));
      case Condition.BelowPeers below ->
          String.format(
              Locale.ROOT,
              "%s%s was %.1f %% below the median of its peers for %s",
              name,
              of,
              100 * figure,
              span(below.window()));
      case Condition.Share share ->
          String.format(
              Locale.ROOT, "%s%s is %.1f %% of %s", name, of, 100 * figure, whole(share.whole()));
      case Condition.PcieReplays replays ->
          String.format(
              Locale.ROOT,
              "%s rose by %.1f times as much within %s as such a link may have",
              name,
              figure,
              span(replays.window()));
      case Condition.Unread _ -> "%s%s cannot be read".formatted(name, of);
      case Condition.Increase increase ->
          "%s%s rose by %s within %s".formatted(name, of, number(figure), span(increase.window()));
      case Condition.Turns turns ->
          "%s%s turned %s %s %s times within %s"
              .formatted(
                  name,
                  of,
                  turns.comparison().sign(),
                  number(turns.threshold()),
                  number(figure),
                  span(turns.window()));
      case Condition.Gone _ -> "%s%s was there and is told of no more".formatted(name, of);
      case Condition.Blind(var match, String probe) ->
          "%s%s was there and cannot be read: the probe %s fails".formatted(name, of, probe);
      case Condition.Reading _,
          Condition.Fewer _,
          Condition.Xid _,
          Condition.Sxid _,
          Condition.NeuronError _,
          Condition.XidJobs _,
          Condition.Kernel _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Awaited _,
          Condition.Missing _,
          Condition.ProbeFails _ ->
          "%s%s is %s".formatted(name, of, number(figure));
    };
  }

  private static String whole(Match match) {
    return match.labels().isEmpty()
        ? "all"
        : name(match.metric())
            + match.labels().values().stream()
                .flatMap(Set::stream)
                .sorted()
                .collect(Collectors.joining(", ", " (", ")"));
  }

  private static String name(Metric metric) {
    return metric.familyName().replaceFirst("millwright_(accelerator|node)_", "");
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.3f", value);
  }

  private static String span(Duration window) {
    return window.toMinutes() + " min";
  }
}
