package io.millwright.agent.health;

import io.millwright.agent.health.Track.Look;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Ending;
import io.millwright.protocol.health.Match;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One rule held against one series, with what it remembers of it. It outlives a change of tables.
 */
final class Sight {
  private final Rule rule;
  private final String subject;
  private final Series series;
  private final Past past;
  private final Track track = new Track();
  private double figure;
  private double told = Double.NaN;
  private String words = "";

  /** What a condition remembers of the readings before. */
  private sealed interface Past {
    record None() implements Past {}

    record Grown(Growth growth) implements Past {}

    /** Of what may be refused. */
    record Asked() implements Past {}

    record Turned(Turns turns, Condition.Turns of) implements Past {}

    /** Of what may be gone. */
    final class Seen implements Past {
      private boolean once;
    }
  }

  /**
   * @param subject uuid of the device; empty for the node
   */
  Sight(Rule rule, String subject, Series series) {
    this.rule = rule;
    this.subject = subject;
    this.series = series;
    this.past =
        switch (rule.condition()) {
          case Condition.Increase(Match match, double least, Duration window) ->
              new Past.Grown(new Growth(window));
          case Condition.PcieReplays(Duration window) -> new Past.Grown(new Growth(window));
          case Condition.Unread _ -> new Past.Asked();
          case Condition.Turns turns ->
              new Past.Turned(new Turns(turns.held(), turns.window()), turns);
          case Condition.Gone _ -> new Past.Seen();
          case Condition.Reading _,
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

  // ---- what was seen

  /**
   * It was read.
   *
   * @param per the figure is held against the rule as so many times this; NaN where that is not
   *     known
   */
  void read(double value, double per, long nanos, long wallMs) {
    switch (past) {
      case Past.None _ -> look(value / per, nanos, wallMs);
      case Past.Grown(Growth growth) -> look(growth.within(nanos, value) / per, nanos, wallMs);
      case Past.Asked _ -> step(Look.NO, Look.YES, nanos, wallMs);
      case Past.Turned(Turns turns, Condition.Turns of) -> {
        boolean stands = of.comparison().holds(value, of.threshold());
        look((double) turns.within(nanos, stands), nanos, wallMs);
      }
      case Past.Seen seen -> {
        seen.once = true;
        step(Look.NO, Look.YES, nanos, wallMs);
      }
    }
  }

  /** It could not be read. */
  void unread(long nanos, long wallMs) {
    if (past instanceof Past.Turned(Turns turns, var of)) {
      turns.unseen();
    }
    step(Look.UNSEEN, Look.UNSEEN, nanos, wallMs);
  }

  /** Its source works and does not find it. */
  void missed(long nanos, long wallMs) {
    if (missable()) {
      step(Look.YES, Look.NO, nanos, wallMs);
    } else {
      unread(nanos, wallMs);
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
    step(Look.of(holds), over(holds, value), nanos, wallMs);
  }

  private void step(Look holds, Look over, long nanos, long wallMs) {
    track.step(holds, over, rule.held(), ended(rule.ending()), nanos, wallMs);
  }

  private boolean holds(double value) {
    return switch (rule.condition()) {
      case Condition.Reading reading -> reading.comparison().holds(value, reading.threshold());
      case Condition.Share share -> share.comparison().holds(value, share.threshold());
      case Condition.Increase increase -> value >= increase.least();
      case Condition.PcieReplays _ -> value > 1;
      case Condition.Turns turns -> value >= turns.least();
      case Condition.Gone _,
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
    int own = series.metric().scope().labels().size();
    List<String> labels = series.labelValues().subList(own, series.labelValues().size());
    String name = name(series.metric());
    String of = labels.isEmpty() ? "" : " (" + String.join(", ", labels) + ")";
    return switch (rule.condition()) {
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
      case Condition.Reading _,
          Condition.Xid _,
          Condition.Sxid _,
          Condition.NeuronError _,
          Condition.XidJobs _,
          Condition.Kernel _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
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
