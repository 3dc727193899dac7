package io.millwright.collector.operations;

import io.millwright.protocol.vocabulary.health.Advice;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the site lets follow from verdicts by itself.
 *
 * @param rules by id; goes before {@code advice}
 * @param advice what holds for all rules of an advice
 * @param settleMs so long a verdict holds before anything is done about it
 * @param clearMs so long a verdict is clear before what was done is taken back
 * @param drainDeadlineMs from the beginning of a drain to the stop of what is left
 * @param horizonMs so long before a window no run without a time limit is begun
 * @param acceptance whether a node's equipment has to be accepted before it takes work
 */
public record Policy(
    Map<String, Rule> rules,
    Map<Advice, Rule> advice,
    long settleMs,
    long clearMs,
    long drainDeadlineMs,
    long horizonMs,
    Limits limits,
    Acceptance acceptance) {
  /** Evidence may take so long, so nothing disruptive comes sooner. */
  public static final long EVIDENCE_MS = 120_000;

  private static final long SECOND = 1_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;

  /** Of a site that has said nothing: all is dry run. */
  public static final Policy DEFAULT =
      new Policy(Map.of(), Map.of(), 10 * SECOND, 5 * MINUTE, HOUR, 24 * HOUR, Limits.DEFAULT);

  /** What is done about a rule. */
  public enum Mode {
    OBSERVE,
    DRY_RUN,
    ACT;

    public String word() {
      return this == DRY_RUN ? "dry-run" : name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** What is done, and whether it is done. */
  public record Rule(Mode mode, Action action) {}

  /**
   * How many nodes policy may take, and how often it may act.
   *
   * @param perNodeAnHour acts on one node
   * @param fleetShare of the nodes of the fleet, out at once; at least one
   */
  public record Limits(
      int perNodeAnHour,
      double fleetShare,
      OptionalInt fleetAnHour,
      Limit domain,
      Limit rack,
      Limit feed) {
    /** A node in fifty, one of a domain or a rack, and two of a feed. */
    public static final Limits DEFAULT =
        new Limits(
            2,
            0.02,
            OptionalInt.empty(),
            new Limit(OptionalInt.of(1), OptionalInt.of(2)),
            new Limit(OptionalInt.of(1), OptionalInt.of(2)),
            new Limit(OptionalInt.of(2), OptionalInt.of(4)));

    /** Nodes of a fleet of this size that may be out at once. */
    public int fleetAtOnce(int nodes) {
      return Math.max(1, (int) Math.floor(fleetShare * nodes + 1e-9));
    }
  }

  /**
   * Of one group of nodes; empty where the site sets none.
   *
   * @param atOnce nodes that are out
   * @param anHour acts
   */
  public record Limit(OptionalInt atOnce, OptionalInt anHour) {}

  /**
   * What the site wants of nodes whose equipment was not accepted.
   *
   * @param mode observe: nothing; dry run: it is said; act: such a node takes no new job
   * @param test of the site whose pass accepts a node; empty where only people do
   * @param begin whether the test is begun by itself once such a node has no run
   */
  public record Acceptance(Mode mode, Optional<String> test, boolean begin) {
    public static final Acceptance DEFAULT = new Acceptance(Mode.OBSERVE, Optional.empty(), false);
  }

  public Policy {
    rules = Map.copyOf(rules);
    advice = Map.copyOf(advice);
  }

  /** Of a site that wants nothing of the equipment. */
  public Policy(
      Map<String, Rule> rules,
      Map<Advice, Rule> advice,
      long settleMs,
      long clearMs,
      long drainDeadlineMs,
      long horizonMs,
      Limits limits) {
    this(rules, advice, settleMs, clearMs, drainDeadlineMs, horizonMs, limits, Acceptance.DEFAULT);
  }

  /** What is done about a rule with this advice; empty where nothing is even tried. */
  Optional<Rule> of(String rule, Advice given) {
    Optional<Rule> own =
        Optional.ofNullable(rules.get(rule)).or(() -> Optional.ofNullable(advice.get(given)));
    return own.or(() -> Action.of(given).map(action -> new Rule(Mode.DRY_RUN, action)))
        .filter(found -> found.mode() != Mode.OBSERVE);
  }
}
