package io.millwright.protocol.health;

import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A rule as it is written: its columns by their names, whoever wrote it. All rules, those of the
 * package and those of a site, become rules here.
 *
 * <p><i>Lifecycle:</i> immutable. <i>Threading:</i> any. <i>Failure:</i> {@link RuleException},
 * with the column.
 */
public record RuleRow(Map<String, String> columns) {
  /** All columns, in the order of the table. */
  public static final List<String> COLUMNS =
      List.of(
          "id",
          "version",
          "vendor",
          "check",
          "when",
          "held",
          "ends",
          "verdict",
          "advice",
          "scope",
          "observe_only",
          "meaning",
          "ends_in_words",
          "reference");

  /** What a site may change of a packaged rule; the first two are parts of {@code when}. */
  public static final List<String> TUNABLE =
      List.of(
          "threshold",
          "window",
          "held",
          "ends",
          "verdict",
          "advice",
          "scope",
          "observe_only",
          "ends_in_words");

  /** What a rule that a site adds must have; the others have a default. */
  private static final List<String> NEEDED =
      List.of("vendor", "check", "when", "ends", "verdict", "advice", "scope", "meaning");

  private static final String TUNED = "; tuned by the site";
  private static final String ADDED = "; a rule of the site";

  public RuleRow {
    columns = Map.copyOf(columns);
  }

  static RuleRow of(String[] cells) {
    Map<String, String> columns = new HashMap<>();
    for (int i = 0; i < cells.length; i++) {
      columns.put(COLUMNS.get(i), cells[i]);
    }
    return new RuleRow(columns);
  }

  String cell(String column) {
    return columns.getOrDefault(column, "");
  }

  /** The rule that is written so. */
  public Rule rule() {
    return new Rule(
        cell("id"),
        version(cell("version")),
        vendor(cell("vendor")),
        cell("check"),
        RuleText.condition(cell("when")),
        RuleText.held(cell("held")),
        RuleText.ending(cell("ends")),
        Verdict.ofWord(cell("verdict")).orElseThrow(() -> noSuch("verdict", Verdict.values())),
        Advice.ofWord(cell("advice")).orElseThrow(() -> noSuch("advice", Advice.values())),
        Scope.ofWord(cell("scope")).orElseThrow(() -> noSuch("scope", Scope.values())),
        yes(cell("observe_only")),
        cell("meaning"),
        cell("ends_in_words"),
        cell("reference"));
  }

  private static int version(String text) {
    if (!text.matches("[1-9][0-9]{0,5}")) {
      throw RuleException.refused("version", text, "a number from 1");
    }
    return Integer.parseInt(text);
  }

  private static String vendor(String text) {
    return switch (text) {
      case "nvidia", "aws", "any" -> text;
      default -> throw RuleException.refused("vendor", text, "nvidia, aws or any");
    };
  }

  private RuleException noSuch(String column, Enum<?>[] words) {
    String allowed =
        Arrays.stream(words)
            .map(word -> word.name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .collect(Collectors.joining(", "));
    return RuleException.refused(column, cell(column), allowed);
  }

  private static boolean yes(String word) {
    return switch (word) {
      case "yes" -> true;
      case "no" -> false;
      default -> throw RuleException.refused("observe_only", word, "yes or no");
    };
  }

  // ---- what a site makes of it

  /**
   * This rule with other columns of {@link #TUNABLE}. What ends it is said anew where that changes.
   */
  public RuleRow tuned(Map<String, String> changes) {
    Map<String, String> next = new LinkedHashMap<>(columns);
    next.putAll(changes);
    next.remove("threshold");
    next.remove("window");
    Condition condition = RuleText.condition(cell("when"));
    if (changes.containsKey("threshold")) {
      condition = RuleParts.withThreshold(condition, changes.getOrDefault("threshold", ""));
    }
    if (changes.containsKey("window")) {
      condition = RuleParts.withWindow(condition, changes.getOrDefault("window", ""));
    }
    next.put("when", condition.text());
    String ends = changes.getOrDefault("ends", cell("ends"));
    boolean same = RuleText.condition(cell("when")).equals(condition) && ends.equals(cell("ends"));
    if (!changes.containsKey("ends_in_words") && !same) {
      next.put("ends_in_words", RuleParts.words(RuleText.ending(ends)));
    }
    return new RuleRow(next).marked(columns, TUNED);
  }

  private RuleRow marked(Map<String, String> before, String mark) {
    if (rule().equals(new RuleRow(before).rule())) {
      return this;
    }
    Map<String, String> next = new HashMap<>(columns);
    next.put("ends_in_words", cell("ends_in_words") + mark);
    return new RuleRow(next);
  }

  /** A rule of a site's own; what it need not say has a default. */
  public static RuleRow added(String id, Map<String, String> columns) {
    if (!id.startsWith("site-")) {
      throw RuleException.refused(
          "id", id, "an id that begins with site-, so that no later release has one of that name");
    }
    Map<String, String> all = new HashMap<>();
    all.put("version", "1");
    all.put("held", "0s");
    all.put("observe_only", "no");
    all.put("reference", "the site");
    all.putAll(columns);
    all.put("id", id);
    Optional<String> missing =
        NEEDED.stream().filter(column -> !all.containsKey(column)).findFirst();
    if (missing.isPresent()) {
      throw new RuleException(
          missing.get(), "%s: is missing; a rule needs %s".formatted(missing.get(), NEEDED));
    }
    String ends = all.getOrDefault("ends", "");
    all.computeIfAbsent("ends_in_words", column -> RuleParts.words(RuleText.ending(ends)));
    all.computeIfPresent("ends_in_words", (column, words) -> words + ADDED);
    return new RuleRow(all);
  }
}
