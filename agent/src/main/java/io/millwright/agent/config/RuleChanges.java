package io.millwright.agent.config;

import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.health.RuleException;
import io.millwright.protocol.health.RuleRow;
import io.millwright.protocol.vocabulary.Spelling;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** What the files of a site say of the rules, one file after another. Owned by who reads. */
final class RuleChanges {
  private static final List<String> SECTIONS = List.of("disable", "tune", "add");

  /** A rule of codes speaks only of the codes that a table of the package names it for. */
  private static final List<String> ADDABLE =
      RuleRow.COLUMNS.stream()
          .filter(column -> !column.equals("id") && !column.equals("version"))
          .toList();

  private final RuleCatalogue packaged;
  private final SiteRules.Words words;
  private final Problems problems;
  private final Map<String, Place.Line> first = new HashMap<>();
  private final Map<String, Rule> changed = new LinkedHashMap<>();
  private final Set<String> off = new LinkedHashSet<>();
  private final Set<String> checks = new TreeSet<>();
  private int tuned;
  private int added;

  RuleChanges(RuleCatalogue packaged, SiteRules.Words words, Problems problems) {
    this.packaged = packaged;
    this.words = words;
    this.problems = problems;
    packaged.all().forEach(rule -> checks.add(rule.check()));
  }

  SiteRules.Result.Loaded loaded() {
    return new SiteRules.Result.Loaded(packaged.with(changed, off), tuned, added, off.size());
  }

  /** Takes all that stands in one file. */
  void take(Yaml root) {
    entries("the file", SECTIONS, root, this::section);
  }

  private void section(Yaml.Scalar name, Yaml content) {
    switch (name.text()) {
      case "disable" -> disable(content);
      case "tune" -> rules("tune", content, this::tune);
      default -> rules("add", content, this::add);
    }
  }

  // ---- disable

  private void disable(Yaml content) {
    switch (content) {
      case Yaml.Sequence sequence ->
          sequence.items().forEach(item -> scalar("disable", item).ifPresent(this::disable));
      case Yaml.Refused _ -> {}
      case Yaml.Scalar _, Yaml.Mapping _ ->
          problems.add(
              content.place(),
              "disable: allowed is a list of rules; write a line '- RULE' below it for each");
    }
  }

  private void disable(Yaml.Scalar id) {
    if (known(id) && once(id)) {
      off.add(id.text());
    }
  }

  // ---- tune

  private void tune(Yaml.Scalar id, Yaml content) {
    Optional<RuleRow> row = packaged.row(id.text());
    if (!known(id) || row.isEmpty() || !once(id)) {
      return;
    }
    Map<String, Yaml.Scalar> columns = columns(id, RuleRow.TUNABLE, content);
    build(
        id,
        columns,
        () -> {
          Rule rule = row.get().tuned(texts(columns)).rule();
          if (packaged.find(id.text()).filter(rule::equals).isEmpty()) {
            changed.put(id.text(), rule);
            tuned++;
          }
        });
  }

  // ---- add

  private void add(Yaml.Scalar id, Yaml content) {
    if (!once(id)) {
      return;
    }
    Map<String, Yaml.Scalar> columns = columns(id, ADDABLE, content);
    build(
        id,
        columns,
        () -> {
          Rule rule = RuleRow.added(id.text(), texts(columns)).rule();
          requireAlive(rule);
          changed.put(id.text(), rule);
          added++;
        });
  }

  /** A rule that could never speak is a mistake, not a wish. */
  private void requireAlive(Rule rule) {
    requireWord("check", rule.check(), checks);
    switch (rule.condition()) {
      case Condition.Xid _, Condition.Sxid _, Condition.NeuronError _ ->
          throw new RuleException(
              "when",
              "when: '%s' is refused, allowed are readings, kernel, probe and states; an added rule of codes has no code that names it, tune a packaged one"
                  .formatted(rule.condition().text()));
      case Condition.Kernel(String pattern) -> requireWord("when", pattern, words.patterns());
      case Condition.ProbeFails(Set<String> probes) ->
          probes.forEach(probe -> requireWord("when", probe, words.probes()));
      case Condition.Blind(var match, String probe) -> requireWord("when", probe, words.probes());
      case Condition.Gone(var match, Set<String> probes) ->
          probes.forEach(probe -> requireWord("when", probe, words.probes()));
      case Condition.Reading _,
          Condition.Increase _,
          Condition.Share _,
          Condition.PcieReplays _,
          Condition.Turns _,
          Condition.Began _,
          Condition.Frozen _,
          Condition.Fewer _,
          Condition.BelowPeers _,
          Condition.Unread _,
          Condition.XidJobs _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Awaited _,
          Condition.Missing _ -> {}
    }
  }

  private static void requireWord(String column, String word, Set<String> allowed) {
    if (!allowed.contains(word)) {
      throw new RuleException(
          column,
          "%s: '%s' is refused; %s"
              .formatted(
                  column,
                  Quote.bare(word, 80),
                  nearest(word, allowed, "allowed is one of " + new TreeSet<>(allowed))));
    }
  }

  // ---- what both share

  private static Map<String, String> texts(Map<String, Yaml.Scalar> columns) {
    Map<String, String> texts = new LinkedHashMap<>();
    columns.forEach((name, scalar) -> texts.put(name, scalar.text()));
    return texts;
  }

  /** Builds a rule; what it lacks is a problem at the column that is wrong. */
  private void build(Yaml.Scalar id, Map<String, Yaml.Scalar> columns, Runnable building) {
    try {
      building.run();
    } catch (RuleException e) {
      Yaml.Scalar at = columns.getOrDefault(e.column(), id);
      problems.add(at.place(), Quote.bare("%s.%s".formatted(id.text(), e.getMessage()), 400));
    }
  }

  private void rules(String section, Yaml content, BiConsumer<Yaml.Scalar, Yaml> taker) {
    entries(section, List.of(), content, taker);
  }

  private Map<String, Yaml.Scalar> columns(Yaml.Scalar id, List<String> allowed, Yaml content) {
    Map<String, Yaml.Scalar> columns = new LinkedHashMap<>();
    entries(
        id.text(),
        allowed,
        content,
        (name, value) ->
            scalar(id.text() + "." + name.text(), value)
                .ifPresent(scalar -> columns.put(name.text(), scalar)));
    return columns;
  }

  /**
   * The keys of a section and their values, each key once.
   *
   * @param allowed keys; empty for any
   */
  private void entries(
      String section, List<String> allowed, Yaml content, BiConsumer<Yaml.Scalar, Yaml> taker) {
    if (content instanceof Yaml.Mapping mapping) {
      Map<String, Place.Line> seen = new HashMap<>();
      for (Yaml.Entry entry : mapping.entries()) {
        scalar("a key of " + section, entry.key())
            .filter(key -> allowed(section, key, allowed))
            .filter(key -> given(section, key, seen))
            .ifPresent(key -> taker.accept(key, entry.value()));
      }
    } else if (!(content instanceof Yaml.Refused)
        && !(content instanceof Yaml.Scalar scalar && scalar.isNothing())) {
      problems.add(
          content.place(),
          "%s: allowed is a section; write %s below it"
              .formatted(
                  Quote.bare(section, 80),
                  allowed.isEmpty() ? "RULE: {COLUMN: VALUE}" : String.join(", ", allowed)));
    }
  }

  private boolean allowed(String section, Yaml.Scalar key, List<String> allowed) {
    if (allowed.isEmpty() || allowed.contains(key.text())) {
      return true;
    }
    problems.add(
        key.place(),
        "%s: '%s' is refused; %s"
            .formatted(
                Quote.bare(section, 80),
                Quote.bare(key.text(), 80),
                nearest(key.text(), allowed, "allowed is one of " + String.join(", ", allowed))));
    return false;
  }

  private boolean given(String section, Yaml.Scalar key, Map<String, Place.Line> seen) {
    Place.Line before = seen.putIfAbsent(key.text(), key.place());
    if (before != null) {
      problems.add(
          key.place(),
          "%s: '%s' is given twice, first on line %d; keep one of them"
              .formatted(Quote.bare(section, 80), Quote.bare(key.text(), 80), before.line()));
    }
    return before == null;
  }

  private Optional<Yaml.Scalar> scalar(String what, Yaml value) {
    if (value instanceof Yaml.Scalar scalar && !scalar.isNothing()) {
      return Optional.of(scalar);
    }
    if (!(value instanceof Yaml.Refused)) {
      problems.add(
          value.place(),
          Quote.bare(what, 120) + ": allowed is one value; write it behind the colon");
    }
    return Optional.empty();
  }

  private boolean known(Yaml.Scalar id) {
    if (packaged.packaged().contains(id.text())) {
      return true;
    }
    problems.add(
        id.place(),
        "there is no rule '%s'; %s"
            .formatted(
                Quote.bare(id.text(), 80),
                nearest(id.text(), packaged.packaged(), "docs/health-rules.md lists all")));
    return false;
  }

  /** Two files must not quarrel about a rule. */
  private boolean once(Yaml.Scalar id) {
    Place.Line before = first.putIfAbsent(id.text(), id.place());
    if (before != null) {
      problems.add(
          id.place(),
          "'%s' is changed twice, first at %s; keep one of them"
              .formatted(Quote.bare(id.text(), 80), before.text()));
    }
    return before == null;
  }

  private static String nearest(String given, Collection<String> words, String otherwise) {
    return Spelling.nearest(given, words)
        .map(near -> "did you mean " + near + "?")
        .orElse(otherwise);
  }
}
