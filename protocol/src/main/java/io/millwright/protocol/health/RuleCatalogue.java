package io.millwright.protocol.health;

import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All rules by which a node and its devices are judged, from {@code rules.tsv}.
 *
 * <p><i>Lifecycle:</i> loaded once, immutable. <i>Failure:</i> {@link IllegalArgumentException}
 * with the rule and what it lacks: a fatal rule without an advice and a rule that nothing ends are
 * no rules.
 */
public final class RuleCatalogue {
  private static final String TABLE = "rules.tsv";
  private static final int COLUMNS = 14;
  private static final String UNKNOWN_NEURON_RULE = "neuron-unknown";

  private final Map<String, Rule> rules;
  private final XidTable xids;
  private final SxidTable sxids;
  private final NeuronErrorTable neuronErrors;

  private RuleCatalogue(
      Map<String, Rule> rules, XidTable xids, SxidTable sxids, NeuronErrorTable neuronErrors) {
    this.rules = rules;
    this.xids = xids;
    this.sxids = sxids;
    this.neuronErrors = neuronErrors;
  }

  /** The packaged rules and error codes. */
  public static RuleCatalogue load() {
    return of(Tables.lines(TABLE), XidTable.load(), SxidTable.load(), NeuronErrorTable.load());
  }

  /** The rules of these lines. */
  static RuleCatalogue of(
      List<String> lines, XidTable xids, SxidTable sxids, NeuronErrorTable neuronErrors) {
    Map<String, Rule> rules = new LinkedHashMap<>();
    for (String[] row : Tables.rows(TABLE, lines, COLUMNS)) {
      Rule rule = rule(row);
      if (rules.putIfAbsent(rule.id(), rule) != null) {
        throw new IllegalArgumentException("rule '%s' is there twice".formatted(rule.id()));
      }
    }
    RuleCatalogue catalogue = new RuleCatalogue(rules, xids, sxids, neuronErrors);
    xids.all().forEach(catalogue::requireRule);
    sxids.all().forEach(catalogue::requireRule);
    neuronErrors.all().forEach(catalogue::requireRule);
    return catalogue;
  }

  private void requireRule(Xid xid) {
    boolean known =
        xid.rule()
            .map(id -> rules.containsKey(id) && rules.get(id).condition() instanceof Condition.Xid)
            .orElse(true);
    if (!known) {
      throw new IllegalArgumentException(
          "Xid %d names the rule '%s', which is none of Xids".formatted(xid.code(), xid.rule()));
    }
  }

  private void requireRule(Sxid sxid) {
    boolean known =
        sxid.rule()
            .map(id -> rules.containsKey(id) && rules.get(id).condition() instanceof Condition.Sxid)
            .orElse(true);
    if (!known) {
      throw new IllegalArgumentException(
          "SXid %d names the rule '%s', which is none of SXids"
              .formatted(sxid.code(), sxid.rule().orElse("")));
    }
  }

  private void requireRule(NeuronError error) {
    boolean known =
        error
            .rule()
            .map(id ->
                rules.containsKey(id) && rules.get(id).condition() instanceof Condition.NeuronError)
            .orElse(true);
    if (!known) {
      throw new IllegalArgumentException(
          "the Neuron error %s names the rule '%s', which is none of them"
              .formatted(error.type(), error.rule().orElse("")));
    }
  }

  private static Rule rule(String[] row) {
    try {
      return new Rule(
          row[0],
          Integer.parseInt(row[1]),
          row[2],
          row[3],
          RuleText.condition(row[4]),
          RuleText.span(row[5]),
          RuleText.ending(row[6]),
          Verdict.ofWord(row[7]).orElseThrow(() -> noSuch("verdict", row[7])),
          Advice.ofWord(row[8]).orElseThrow(() -> noSuch("advice", row[8])),
          Scope.ofWord(row[9]).orElseThrow(() -> noSuch("scope", row[9])),
          switchOf(row[10]),
          row[11],
          row[12],
          row[13]);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("rule '%s': %s".formatted(row[0], e.getMessage()), e);
    }
  }

  private static IllegalArgumentException noSuch(String column, String given) {
    return new IllegalArgumentException(
        "%s: '%s' is refused; allowed is a word of the vocabulary".formatted(column, given));
  }

  private static boolean switchOf(String word) {
    return switch (word) {
      case "yes" -> true;
      case "no" -> false;
      default ->
          throw new IllegalArgumentException(
              "observe_only: '%s' is refused; allowed is yes or no".formatted(word));
    };
  }

  /** All rules, in the order of the table. */
  public List<Rule> all() {
    return List.copyOf(rules.values());
  }

  public Optional<Rule> find(String id) {
    return Optional.ofNullable(rules.get(id));
  }

  /** The rule of this id, which the catalogue must have. */
  public Rule rule(String id) {
    return find(id)
        .orElseThrow(() -> new IllegalArgumentException("there is no rule '%s'".formatted(id)));
  }

  public XidTable xids() {
    return xids;
  }

  /** What is known of the errors of NVIDIA's switches. */
  public SxidTable sxids() {
    return sxids;
  }

  /** What is known of AWS Neuron's errors. */
  public NeuronErrorTable neuronErrors() {
    return neuronErrors;
  }

  /** The rule that judges this error code; empty where nothing follows from it. */
  public Optional<Rule> of(ErrorCode code) {
    return switch (code.source()) {
      case XID ->
          xid(code).map(Xid::rule).orElse(Optional.of(XidTable.UNKNOWN_RULE)).map(this::rule);
      case SXID ->
          sxid(code).map(Sxid::rule).orElse(Optional.of(SxidTable.UNKNOWN_RULE)).map(this::rule);
      case NEURON ->
          neuronErrors
              .find(code.text())
              .map(NeuronError::rule)
              .orElse(Optional.of(UNKNOWN_NEURON_RULE))
              .map(this::rule);
    };
  }

  /** The label of a code: one of a bounded list, or {@link XidTable#OTHER}. */
  public String label(ErrorCode code) {
    return switch (code.source()) {
      case XID -> xid(code).isPresent() ? code.text() : XidTable.OTHER;
      case SXID -> sxid(code).isPresent() ? code.text() : XidTable.OTHER;
      case NEURON -> neuronErrors.find(code.text()).map(NeuronError::label).orElse(XidTable.OTHER);
    };
  }

  /** What a code means, in one sentence. */
  public String meaning(ErrorCode code) {
    Optional<String> known =
        switch (code.source()) {
          case XID -> xid(code).map(Xid::meaning);
          case SXID -> sxid(code).map(Sxid::meaning);
          case NEURON -> neuronErrors.find(code.text()).map(NeuronError::meaning);
        };
    return known.orElse(XidTable.NOT_KNOWN);
  }

  private Optional<Xid> xid(ErrorCode code) {
    return xids.find(Integer.parseInt(code.text()));
  }

  private Optional<Sxid> sxid(ErrorCode code) {
    return sxids.find(Integer.parseInt(code.text()));
  }

  /** {@code fatal}, {@code warning} or {@code info}: what the label of the error counters says. */
  public String severity(ErrorCode code) {
    return of(code).map(RuleCatalogue::severity).orElse("info");
  }

  private static String severity(Rule rule) {
    return switch (rule.verdict()) {
      case OK -> "info";
      case DEGRADED, UNKNOWN -> "warning";
      case FAILED -> "fatal";
    };
  }

  /** The codes of a vendor's devices whose first occurrence must alert, and so count from 0. */
  public List<ErrorCode> fatalCodes(String vendor) {
    return Stream.concat(
            xids.all().stream().map(xid -> ErrorCode.xid(xid.code())),
            neuronErrors.all().stream().map(error -> ErrorCode.neuron(error.type())))
        .filter(code -> code.source().vendor().equals(vendor))
        .filter(code -> severity(code).equals("fatal"))
        .toList();
  }
}
