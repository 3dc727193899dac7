package io.millwright.collector.operations;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.collector.operations.Policy.Limit;
import io.millwright.collector.operations.Policy.Limits;
import io.millwright.collector.operations.Policy.Mode;
import io.millwright.collector.operations.Policy.Rule;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.vocabulary.Spelling;
import io.millwright.protocol.vocabulary.health.Advice;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The policy of a site as it writes it, read strictly. Pure.
 *
 * <pre>{@code
 * rules:
 *   xid-reboot: {mode: act, action: drain}
 * advice:
 *   replace: {mode: dry-run, action: replace-request}
 * limits:
 *   fleet: {share: 0.02}
 *   rack: {at_once: 1, per_hour: 2}
 * }</pre>
 *
 * <p><i>Failure:</i> {@link IllegalArgumentException} at the first mistake, in one sentence.
 */
public final class PolicyText {
  private static final List<String> KEYS =
      List.of(
          "rules",
          "advice",
          "site_rules",
          "settle",
          "clear",
          "drain_deadline",
          "horizon",
          "limits",
          "acceptance");
  private static final List<String> ACCEPTANCE = List.of("mode", "test", "begin");
  private static final String TEST = "[a-z0-9][a-z0-9_-]{0,63}";
  private static final List<String> RULE = List.of("mode", "action");
  private static final List<String> GROUPS = List.of("node", "fleet", "domain", "rack", "feed");
  private static final List<String> LIMIT = List.of("at_once", "per_hour");
  private static final Pattern SPAN = Pattern.compile("(0|[1-9][0-9]{0,5})(s|m|h|d)");
  private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,5}");
  private static final String RULE_ID = "[a-z0-9][a-z0-9-]{0,63}";
  private static final long LONGEST_MS = 30L * 24 * 3_600_000;

  private final Fields fields;
  private final JsonNode tree;

  private PolicyText(JsonNode tree) {
    this.tree = tree;
    this.fields = Fields.of("", tree, KEYS);
  }

  /**
   * @param known ids of the rules of the product; the site names its own in {@code site_rules}
   */
  public static Policy read(String text, Collection<String> known) {
    return new PolicyText(StrictYaml.tree(text)).policy(known);
  }

  private Policy policy(Collection<String> known) {
    Set<String> rules = new HashSet<>(known);
    for (String own : fields.has("site_rules") ? fields.texts("site_rules") : List.<String>of()) {
      if (!own.matches(RULE_ID)) {
        throw JsonMistake.refused(
            "site_rules", Shown.quoted(own), "the id of a rule, as in my-fan-rule");
      }
      rules.add(own);
    }
    return new Policy(
        rules(rules),
        advice(),
        span("settle", Policy.DEFAULT.settleMs(), 0),
        span("clear", Policy.DEFAULT.clearMs(), 0),
        span("drain_deadline", Policy.DEFAULT.drainDeadlineMs(), Policy.EVIDENCE_MS),
        span("horizon", Policy.DEFAULT.horizonMs(), 0),
        limits(),
        acceptance());
  }

  private Policy.Acceptance acceptance() {
    if (!fields.has("acceptance")) {
      return Policy.Acceptance.DEFAULT;
    }
    Fields one = fields.object("acceptance", ACCEPTANCE);
    Optional<String> test = one.optionalText("test");
    test.filter(name -> !name.matches(TEST))
        .ifPresent(name -> {
          throw JsonMistake.refused(
              "acceptance.test",
              Shown.quoted(name),
              "the name of a test in evidence.tests of the agents, as in burn-in");
        });
    boolean begin = one.has("begin") && flag(one.text("begin"));
    if (begin && test.isEmpty()) {
      throw new JsonMistake(
          "acceptance.begin: 'true' is refused without acceptance.test; name the test that is to be begun");
    }
    return new Policy.Acceptance(
        one.word("mode", PolicyText::mode, "observe, dry-run or act"), test, begin);
  }

  private static boolean flag(String given) {
    if (!given.equals("true") && !given.equals("false")) {
      throw JsonMistake.refused("acceptance.begin", Shown.quoted(given), "true or false");
    }
    return given.equals("true");
  }

  private Map<String, Rule> rules(Set<String> known) {
    Map<String, Rule> rules = new HashMap<>();
    for (String id : names("rules")) {
      if (!known.contains(id)) {
        String near = Spelling.nearest(id, known).map("; did you mean '%s'?"::formatted).orElse("");
        throw new JsonMistake(
            "rules.%s: no such rule%s; allowed are those of docs/health-rules.md and of site_rules"
                .formatted(Shown.text(id), near));
      }
      rules.put(id, rule("rules", id));
    }
    return rules;
  }

  private Map<Advice, Rule> advice() {
    Map<Advice, Rule> rules = new HashMap<>();
    for (String word : names("advice")) {
      Advice advice =
          Advice.ofWord(word)
              .orElseThrow(() ->
                  JsonMistake.refused(
                      "advice." + word,
                      "this word",
                      words(Arrays.stream(Advice.values()).map(Advice::word).toList())));
      rules.put(advice, rule("advice", word));
    }
    return rules;
  }

  private List<String> names(String key) {
    if (!fields.has(key)) {
      return List.of();
    }
    JsonNode map = fields.tree(key);
    if (!map.isObject()) {
      throw JsonMistake.refused(key, Shown.quoted(map.asText()), "keys with a mode and an action");
    }
    return map.properties().stream().map(Map.Entry::getKey).toList();
  }

  private Rule rule(String key, String name) {
    Fields one = Fields.of(key + "." + name, tree.get(key).get(name), RULE);
    Mode mode = one.word("mode", PolicyText::mode, "observe, dry-run or act");
    if (mode == Mode.OBSERVE && !one.has("action")) {
      return new Rule(mode, Action.NO_NEW_WORK);
    }
    return new Rule(
        mode,
        one.word(
            "action",
            Action::ofWord,
            words(Arrays.stream(Action.values()).map(Action::word).toList())));
  }

  private static Optional<Mode> mode(String word) {
    return Arrays.stream(Mode.values()).filter(mode -> mode.word().equals(word)).findFirst();
  }

  private static String words(List<String> all) {
    return String.join(", ", all.subList(0, all.size() - 1)) + " or " + all.getLast();
  }

  private long span(String key, long otherwise, long least) {
    if (!fields.has(key)) {
      return otherwise;
    }
    String given = fields.text(key);
    Matcher form = SPAN.matcher(given);
    long ms = form.matches() ? Long.parseLong(form.group(1)) * unit(form.group(2)) : -1;
    if (ms < least || ms > LONGEST_MS) {
      throw JsonMistake.refused(
          key,
          Shown.quoted(given),
          "a whole number with s, m, h or d, from %s to 30d"
              .formatted(least == 0 ? "0s" : least / 1000 + "s"));
    }
    return ms;
  }

  private static long unit(String name) {
    return switch (name) {
      case "s" -> 1_000;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      default -> 86_400_000;
    };
  }

  private Limits limits() {
    if (!fields.has("limits")) {
      return Limits.DEFAULT;
    }
    Fields groups = fields.object("limits", GROUPS);
    OptionalInt node =
        groups.has("node")
            ? count(groups.object("node", List.of("per_hour")), "limits.node", "per_hour")
            : OptionalInt.empty();
    Optional<Fields> fleet =
        groups.has("fleet")
            ? Optional.of(groups.object("fleet", List.of("share", "per_hour")))
            : Optional.empty();
    return new Limits(
        node.orElse(Limits.DEFAULT.perNodeAnHour()),
        fleet
            .filter(f -> f.has("share"))
            .map(PolicyText::share)
            .orElse(Limits.DEFAULT.fleetShare()),
        fleet.map(f -> count(f, "limits.fleet", "per_hour")).orElse(Limits.DEFAULT.fleetAnHour()),
        limit(groups, "domain", Limits.DEFAULT.domain()),
        limit(groups, "rack", Limits.DEFAULT.rack()),
        limit(groups, "feed", Limits.DEFAULT.feed()));
  }

  private static double share(Fields fleet) {
    String given = fleet.text("share");
    double share = given.matches("0\\.[0-9]{1,6}|1|1\\.0") ? Double.parseDouble(given) : 0;
    if (share <= 0) {
      throw JsonMistake.refused(
          "limits.fleet.share",
          Shown.quoted(given),
          "a share of the nodes above 0 and up to 1, as in 0.02");
    }
    return share;
  }

  private static Limit limit(Fields groups, String group, Limit otherwise) {
    if (!groups.has(group)) {
      return otherwise;
    }
    Fields one = groups.object(group, LIMIT);
    OptionalInt atOnce = count(one, "limits." + group, "at_once");
    OptionalInt anHour = count(one, "limits." + group, "per_hour");
    return new Limit(
        atOnce.isPresent() ? atOnce : otherwise.atOnce(),
        anHour.isPresent() ? anHour : otherwise.anHour());
  }

  private static OptionalInt count(Fields one, String path, String name) {
    if (!one.has(name)) {
      return OptionalInt.empty();
    }
    String given = one.text(name);
    if (!COUNT.matcher(given).matches()) {
      throw JsonMistake.refused(
          path + "." + name, Shown.quoted(given), "a whole number from 1 to 999999");
    }
    return OptionalInt.of(Integer.parseInt(given));
  }
}
