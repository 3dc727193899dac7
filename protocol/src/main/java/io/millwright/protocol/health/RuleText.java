package io.millwright.protocol.health;

import io.millwright.protocol.vocabulary.Metric;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The small language of the columns {@code when}, {@code held} and {@code ends}. */
final class RuleText {
  private static final String SERIES = "([a-z_0-9]+(?:\\{[^}]*\\})?)";
  private static final String NUMBER = "(-?[0-9]+(?:\\.[0-9]+)?(?:e-?[0-9]{1,3})?)";
  private static final String SIGN = "(<|=|>=|>)";
  private static final String SPAN = "([0-9]+[smh])";
  private static final Pattern READING =
      Pattern.compile("reading " + SERIES + " " + SIGN + " " + NUMBER);
  private static final Pattern INCREASE =
      Pattern.compile("increase " + SERIES + " >= " + NUMBER + " in " + SPAN);
  private static final Pattern SHARE =
      Pattern.compile("share " + SERIES + " / " + SERIES + " " + SIGN + " " + NUMBER);
  private static final Pattern REPLAYS = Pattern.compile("pcie-replays in " + SPAN);
  private static final Pattern TURNS =
      Pattern.compile(
          "turns %1$s %2$s %3$s for %4$s >= ([0-9]{1,3}) in %4$s"
              .formatted(SERIES, SIGN, NUMBER, SPAN));
  private static final String BEGAN = "began ";
  private static final Pattern BLIND = Pattern.compile("blind " + SERIES + " of ([a-z-]+)");
  private static final Pattern FROZEN = Pattern.compile("frozen " + SERIES);
  private static final Pattern BELOW_PEERS =
      Pattern.compile(
          "below-peers %s by %s in %s( of-equal-load)?".formatted(SERIES, NUMBER, SPAN));
  private static final Pattern UNREAD = Pattern.compile("unread " + SERIES);
  private static final Pattern GONE = Pattern.compile("gone " + SERIES + "(?: of ([a-z|-]+))?");
  private static final Pattern JOBS = Pattern.compile("xid-jobs >= ([0-9]{1,3}) in " + SPAN);
  private static final Pattern KERNEL = Pattern.compile("kernel ([a-z_]+)");
  private static final Pattern PROBE = Pattern.compile("probe ([a-z|-]+)");
  private static final Pattern LABELLED = Pattern.compile("([a-z_0-9]+)(?:\\{([^}]*)\\})?");
  private static final Pattern NOT = Pattern.compile("not for " + SPAN);
  private static final Pattern VALUE =
      Pattern.compile("value " + SIGN + " " + NUMBER + " for " + SPAN);
  private static final Pattern QUIET = Pattern.compile("quiet " + SPAN);
  private static final String PLACE = "place";
  private static final double LEAST_PLAIN = 1e-6;
  private static final int LONGEST_SPAN = 9;
  private static final Duration LONGEST = Duration.ofDays(366);

  private static final Set<Metric> JUDGED =
      EnumSet.of(
          Metric.NODE_HEALTH_STATE,
          Metric.NODE_KERNEL_LOG_EVENTS_TOTAL,
          Metric.ACCELERATOR_HEALTH_STATE,
          Metric.ACCELERATOR_HEALTH_CHECK,
          Metric.ACCELERATOR_ERROR_EVENTS_TOTAL,
          Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS);

  private RuleText() {}

  static Condition condition(String text) {
    return switch (text) {
      case "xid" -> new Condition.Xid();
      case "sxid" -> new Condition.Sxid();
      case "neuron-error" -> new Condition.NeuronError();
      case "lost" -> new Condition.Lost();
      case "driver-gone" -> new Condition.DriverGone();
      case "stuck" -> new Condition.Stuck();
      case "silent" -> new Condition.Silent();
      case "awaited" -> new Condition.Awaited();
      case "missing" -> new Condition.Missing();
      case "fewer" -> new Condition.Fewer();
      default -> composed(text);
    };
  }

  private static Condition composed(String text) {
    Matcher reading = READING.matcher(text);
    if (reading.matches()) {
      return new Condition.Reading(
          match(reading.group(1)), comparison(reading.group(2)), number(reading.group(3)));
    }
    Matcher increase = INCREASE.matcher(text);
    if (increase.matches()) {
      return new Condition.Increase(
          match(increase.group(1)), number(increase.group(2)), span(increase.group(3)));
    }
    Matcher share = SHARE.matcher(text);
    if (share.matches()) {
      return new Condition.Share(
          match(share.group(1)),
          match(share.group(2)),
          comparison(share.group(3)),
          number(share.group(4)));
    }
    Matcher replays = REPLAYS.matcher(text);
    if (replays.matches()) {
      return new Condition.PcieReplays(span(replays.group(1)));
    }
    if (text.startsWith(BEGAN) && !text.startsWith(BEGAN + BEGAN)) {
      return new Condition.Began(condition(text.substring(BEGAN.length())));
    }
    Matcher blind = BLIND.matcher(text);
    if (blind.matches()) {
      return new Condition.Blind(match(blind.group(1)), blind.group(2));
    }
    Matcher frozen = FROZEN.matcher(text);
    if (frozen.matches()) {
      return new Condition.Frozen(match(frozen.group(1)));
    }
    Matcher below = BELOW_PEERS.matcher(text);
    if (below.matches()) {
      return new Condition.BelowPeers(
          match(below.group(1)),
          number(below.group(2)),
          span(below.group(3)),
          below.group(4) == null ? Condition.Load.ANY : Condition.Load.SAME);
    }
    Matcher unread = UNREAD.matcher(text);
    if (unread.matches()) {
      return new Condition.Unread(match(unread.group(1)));
    }
    Matcher turns = TURNS.matcher(text);
    if (turns.matches()) {
      return new Condition.Turns(
          match(turns.group(1)),
          comparison(turns.group(2)),
          number(turns.group(3)),
          span(turns.group(4)),
          Integer.parseInt(turns.group(5)),
          span(turns.group(6)));
    }
    Matcher gone = GONE.matcher(text);
    if (gone.matches()) {
      String probes = gone.group(2);
      return new Condition.Gone(match(gone.group(1)), probes == null ? Set.of() : words(probes));
    }
    Matcher jobs = JOBS.matcher(text);
    if (jobs.matches()) {
      return new Condition.XidJobs(Integer.parseInt(jobs.group(1)), span(jobs.group(2)));
    }
    Matcher kernel = KERNEL.matcher(text);
    if (kernel.matches()) {
      return new Condition.Kernel(kernel.group(1));
    }
    Matcher probe = PROBE.matcher(text);
    if (probe.matches()) {
      return new Condition.ProbeFails(words(probe.group(1)));
    }
    throw refused("when", text, "a condition of docs/adding/health-rule.md");
  }

  static Ending ending(String text) {
    if (text.equals("reset")) {
      return new Ending.Reset();
    }
    if (text.equals("boot")) {
      return new Ending.Boot();
    }
    Matcher not = NOT.matcher(text);
    if (not.matches()) {
      return new Ending.Not(span("ends", not.group(1)));
    }
    Matcher quiet = QUIET.matcher(text);
    if (quiet.matches()) {
      return new Ending.Quiet(span("ends", quiet.group(1)));
    }
    Matcher value = VALUE.matcher(text);
    if (value.matches()) {
      return new Ending.Value(
          comparison(value.group(1)), number(value.group(2)), span("ends", value.group(3)));
    }
    throw refused("ends", text, "reset, boot, not for 10s, quiet 24h, or value > 5 for 60s");
  }

  static Duration held(String text) {
    return span("held", text);
  }

  static Duration window(String text) {
    return span("window", text);
  }

  private static Duration span(String text) {
    return span("when", text);
  }

  private static Duration span(String column, String text) {
    if (!text.matches(SPAN) || text.length() > LONGEST_SPAN) {
      throw refused(column, text, "a duration such as 60s, 5m or 24h");
    }
    long amount = Long.parseLong(text.substring(0, text.length() - 1));
    Duration span =
        switch (text.charAt(text.length() - 1)) {
          case 's' -> Duration.ofSeconds(amount);
          case 'm' -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        };
    if (span.compareTo(LONGEST) > 0) {
      throw refused(column, text, "a duration of at most 8784h, a year");
    }
    return span;
  }

  private static Match match(String text) {
    Matcher parts = LABELLED.matcher(text);
    if (!parts.matches()) {
      throw refused("when", text, "a family with labels in braces");
    }
    Metric metric = read(metric(parts.group(1)));
    Map<String, Set<String>> labels = new HashMap<>();
    Set<String> places = Set.of();
    String inner = parts.group(2) == null ? "" : parts.group(2);
    for (String pair : inner.isEmpty() ? new String[0] : inner.split(",", -1)) {
      String[] sides = pair.split("=", 2);
      if (sides.length == 2 && sides[0].equals(PLACE) && isOfMounts(metric)) {
        places = words(sides[1]);
      } else if (sides.length == 2 && metric.labels().contains(sides[0])) {
        labels.put(sides[0], words(sides[1]));
      } else {
        throw refused("when", pair, "a label of " + metric.familyName() + ", as in name=one|other");
      }
    }
    return new Match(metric, labels, places);
  }

  /** Whose first label behind the node's is where a file system is mounted. */
  private static boolean isOfMounts(Metric metric) {
    return metric.labels().indexOf("mountpoint") == 1;
  }

  /** One that is read of a device or of the host: what follows from rules is there after them. */
  private static Metric read(Metric metric) {
    if (metric.scope() == Metric.Scope.FLEET
        || metric.familyName().startsWith("millwright_agent_")
        || JUDGED.contains(metric)) {
      throw refused(
          "when",
          metric.familyName(),
          "a family that is read of a device or of the host; what the agent says of itself and what follows from rules is not");
    }
    return metric;
  }

  private static Set<String> words(String text) {
    return Set.copyOf(Arrays.asList(text.split("\\|", -1)));
  }

  private static Metric metric(String family) {
    return Arrays.stream(Metric.values())
        .filter(metric -> metric.familyName().equals(family))
        .findFirst()
        .orElseThrow(() -> refused("when", family, "a family of docs/metrics.md"));
  }

  private static Comparison comparison(String sign) {
    return Comparison.ofSign(sign).orElseThrow(() -> refused("when", sign, "<, =, >= or >"));
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }

  private static RuleException refused(String column, String given, String allowed) {
    return RuleException.refused(column, given, allowed);
  }

  // ---- back to words

  /** The condition as it would stand in the table. */
  static String text(Condition condition) {
    return switch (condition) {
      case Condition.Reading(Match match, Comparison sign, double threshold) ->
          "reading %s %s %s".formatted(text(match), sign.sign(), text(threshold));
      case Condition.Increase(Match match, double least, Duration window) ->
          "increase %s >= %s in %s".formatted(text(match), text(least), text(window));
      case Condition.Share(Match part, Match whole, Comparison sign, double threshold) ->
          "share %s / %s %s %s".formatted(text(part), text(whole), sign.sign(), text(threshold));
      case Condition.PcieReplays(Duration window) -> "pcie-replays in " + text(window);
      case Condition.Turns turns ->
          "turns %s %s %s for %s >= %d in %s"
              .formatted(
                  text(turns.match()),
                  turns.comparison().sign(),
                  text(turns.threshold()),
                  text(turns.held()),
                  turns.least(),
                  text(turns.window()));
      case Condition.Gone(Match match, Set<String> probes) ->
          "gone " + text(match) + (probes.isEmpty() ? "" : " of " + text(probes));
      case Condition.Began(Condition standing) -> BEGAN + text(standing);
      case Condition.Blind(Match match, String probe) -> "blind " + text(match) + " of " + probe;
      case Condition.Fewer() -> "fewer";
      case Condition.Frozen(Match match) -> "frozen " + text(match);
      case Condition.BelowPeers(Match match, double by, Duration window, Condition.Load load) ->
          "below-peers %s by %s in %s%s"
              .formatted(
                  text(match),
                  text(by),
                  text(window),
                  load == Condition.Load.SAME ? " of-equal-load" : "");
      case Condition.Unread(Match match) -> "unread " + text(match);
      case Condition.Xid() -> "xid";
      case Condition.Sxid() -> "sxid";
      case Condition.NeuronError() -> "neuron-error";
      case Condition.XidJobs(int jobs, Duration window) ->
          "xid-jobs >= %d in %s".formatted(jobs, text(window));
      case Condition.Kernel(String pattern) -> "kernel " + pattern;
      case Condition.Lost() -> "lost";
      case Condition.DriverGone() -> "driver-gone";
      case Condition.Stuck() -> "stuck";
      case Condition.Silent() -> "silent";
      case Condition.Awaited() -> "awaited";
      case Condition.Missing() -> "missing";
      case Condition.ProbeFails(Set<String> probes) -> "probe " + text(probes);
    };
  }

  private static String text(Match match) {
    Map<String, String> pairs = new TreeMap<>();
    match.labels().forEach((label, words) -> pairs.put(label, text(words)));
    if (!match.places().isEmpty()) {
      pairs.put(PLACE, text(match.places()));
    }
    String labels =
        pairs.entrySet().stream()
            .map(pair -> pair.getKey() + "=" + pair.getValue())
            .collect(Collectors.joining(","));
    return match.metric().familyName() + (labels.isEmpty() ? "" : "{" + labels + "}");
  }

  private static String text(Set<String> words) {
    return words.stream().sorted().collect(Collectors.joining("|"));
  }

  static String text(double number) {
    if (number != 0 && Math.abs(number) < LEAST_PLAIN) {
      return Double.toString(number).toLowerCase(Locale.ROOT);
    }
    return String.format(Locale.ROOT, "%.9f", number).replaceFirst("\\.?0+$", "");
  }

  static String text(Duration span) {
    if (span.toSeconds() % 3600 == 0 && !span.isZero()) {
      return span.toHours() + "h";
    }
    return span.toSeconds() % 60 == 0 && !span.isZero()
        ? span.toMinutes() + "m"
        : span.toSeconds() + "s";
  }
}
