package io.millwright.protocol.health;

import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private static final String UNKNOWN_NEURON_RULE = "neuron-unknown";

  private final Map<String, Rule> rules;
  private final List<Rule> all;
  private final Map<String, Rule> known;
  private final Map<String, RuleRow> rows;
  private final XidTable xids;
  private final SxidTable sxids;
  private final NeuronErrorTable neuronErrors;

  /**
   * @param rules in force
   * @param known those of the package, also where they are not in force
   * @param rows of those, as they are written
   */
  private RuleCatalogue(
      Map<String, Rule> rules,
      Map<String, Rule> known,
      Map<String, RuleRow> rows,
      XidTable xids,
      SxidTable sxids,
      NeuronErrorTable neuronErrors) {
    this.rules = Collections.unmodifiableMap(rules);
    this.all = List.copyOf(rules.values());
    this.known = Collections.unmodifiableMap(known);
    this.rows = Collections.unmodifiableMap(rows);
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
    Map<String, RuleRow> rows = new LinkedHashMap<>();
    for (String[] cells : Tables.rows(TABLE, lines, RuleRow.COLUMNS.size())) {
      RuleRow row = RuleRow.of(cells);
      Rule rule = rule(row);
      if (rules.putIfAbsent(rule.id(), rule) != null) {
        throw new IllegalArgumentException("rule '%s' is there twice".formatted(rule.id()));
      }
      rows.put(rule.id(), row);
    }
    RuleCatalogue catalogue = new RuleCatalogue(rules, rules, rows, xids, sxids, neuronErrors);
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

  private static Rule rule(RuleRow row) {
    try {
      return row.rule();
    } catch (RuleException e) {
      throw new IllegalArgumentException(
          "rule '%s': %s".formatted(row.cell("id"), e.getMessage()), e);
    }
  }

  // ---- with what a site changed

  /**
   * These rules with what a site changed.
   *
   * @param changed instead of the rule of that id, or behind the others
   * @param off ids of rules that are not to speak
   */
  public RuleCatalogue with(Map<String, Rule> changed, Set<String> off) {
    Map<String, Rule> next = new LinkedHashMap<>(rules);
    next.putAll(changed);
    next.keySet().removeAll(off);
    return new RuleCatalogue(next, known, rows, xids, sxids, neuronErrors);
  }

  /** A packaged rule as it is written. */
  public Optional<RuleRow> row(String id) {
    return Optional.ofNullable(rows.get(id));
  }

  /**
   * The page in {@code docs/runbooks} that says what to do where this rule speaks; the package has
   * one of each of its rules that calls something failed, also where a site set it otherwise.
   */
  public Optional<String> runbook(String id) {
    return Optional.ofNullable(known.get(id))
        .filter(rule -> rule.verdict() == Verdict.FAILED)
        .map(Rule::runbook);
  }

  /** Ids of the packaged rules, also of those that are off. */
  public Set<String> packaged() {
    return rows.keySet();
  }

  /** All rules, in the order of the table. */
  public List<Rule> all() {
    return all;
  }

  /** Whether a rule tells that a device does not answer; one that is not known here does not. */
  public boolean blinds(String id) {
    return find(id).filter(Rule::blinds).isPresent();
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

  /** The rule that judges this error code; empty where nothing follows from it, or it is off. */
  public Optional<Rule> of(ErrorCode code) {
    return named(code).flatMap(this::find);
  }

  /** The id of the rule that its table names. */
  private Optional<String> named(ErrorCode code) {
    return switch (code.source()) {
      case XID -> xid(code).map(Xid::rule).orElse(Optional.of(XidTable.UNKNOWN_RULE));
      case SXID -> sxid(code).map(Sxid::rule).orElse(Optional.of(SxidTable.UNKNOWN_RULE));
      case NEURON ->
          neuronErrors
              .find(code.text())
              .map(NeuronError::rule)
              .orElse(Optional.of(UNKNOWN_NEURON_RULE));
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

  /**
   * {@code fatal}, {@code warning} or {@code info}: what the label of the error counters says. A
   * code does not become harmless because its rule is off.
   */
  public String severity(ErrorCode code) {
    return named(code)
        .map(id -> find(id).or(() -> Optional.ofNullable(known.get(id))))
        .flatMap(rule -> rule.map(Rule::severity))
        .orElse("info");
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
