package io.millwright.protocol.health;

import java.time.Duration;

/** The parts of a condition that a site may set, and of an ending its words. */
final class RuleParts {
  private static final String NUMBER = "-?[0-9]{1,15}(?:\\.[0-9]{1,9})?";
  private static final String WHOLE = "[0-9]{1,3}";

  private RuleParts() {}

  static Condition withThreshold(Condition condition, String given) {
    return switch (condition) {
      case Condition.Reading(Match match, Comparison comparison, double was) ->
          new Condition.Reading(match, comparison, number(given));
      case Condition.Increase(Match match, double was, Duration window) ->
          new Condition.Increase(match, number(given), window);
      case Condition.Share(Match part, var whole, Comparison comparison, double was) ->
          new Condition.Share(part, whole, comparison, number(given));
      case Condition.Turns turns ->
          new Condition.Turns(
              turns.match(),
              turns.comparison(),
              turns.threshold(),
              turns.held(),
              whole(given),
              turns.window());
      case Condition.Began(Condition standing) ->
          new Condition.Began(withThreshold(standing, given));
      case Condition.BelowPeers below ->
          new Condition.BelowPeers(below.match(), number(given), below.window(), below.load());
      case Condition.XidJobs(int was, Duration window) ->
          new Condition.XidJobs(whole(given), window);
      case Condition.PcieReplays _,
          Condition.Gone _,
          Condition.Frozen _,
          Condition.Blind _,
          Condition.Fewer _,
          Condition.Unread _,
          Condition.Xid _,
          Condition.Sxid _,
          Condition.NeuronError _,
          Condition.Kernel _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Awaited _,
          Condition.Missing _,
          Condition.ProbeFails _ ->
          throw none("threshold", given, condition);
    };
  }

  static Condition withWindow(Condition condition, String given) {
    return switch (condition) {
      case Condition.Increase(Match match, double least, Duration was) ->
          new Condition.Increase(match, least, RuleText.window(given));
      case Condition.Turns turns ->
          new Condition.Turns(
              turns.match(),
              turns.comparison(),
              turns.threshold(),
              turns.held(),
              turns.least(),
              RuleText.window(given));
      case Condition.BelowPeers below ->
          new Condition.BelowPeers(below.match(), below.by(), RuleText.window(given), below.load());
      case Condition.PcieReplays _ -> new Condition.PcieReplays(RuleText.window(given));
      case Condition.XidJobs(int jobs, Duration was) ->
          new Condition.XidJobs(jobs, RuleText.window(given));
      case Condition.Reading _,
          Condition.Share _,
          Condition.Began _,
          Condition.Frozen _,
          Condition.Blind _,
          Condition.Fewer _,
          Condition.Gone _,
          Condition.Unread _,
          Condition.Xid _,
          Condition.Sxid _,
          Condition.NeuronError _,
          Condition.Kernel _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Awaited _,
          Condition.Missing _,
          Condition.ProbeFails _ ->
          throw none("window", given, condition);
    };
  }

  private static RuleException none(String column, String given, Condition condition) {
    return new RuleException(
        column,
        "%s: '%s' is refused; '%s' has no %s; remove it"
            .formatted(column, given, condition.text(), column));
  }

  private static double number(String given) {
    if (!given.matches(NUMBER)) {
      throw RuleException.refused("threshold", given, "a number such as 5 or 0.05");
    }
    return Double.parseDouble(given);
  }

  private static int whole(String given) {
    if (!given.matches(WHOLE)) {
      throw RuleException.refused("threshold", given, "a whole number to 999");
    }
    return Integer.parseInt(given);
  }

  /** What ends a rule, as people are told where nobody wrote it for this rule. */
  static String words(Ending ending) {
    return switch (ending) {
      case Ending.Not(Duration held) -> "it holds no more, for " + RuleText.text(held);
      case Ending.Value(Comparison comparison, double threshold, Duration held) ->
          "the figure is %s %s for %s"
              .formatted(comparison.sign(), RuleText.text(threshold), RuleText.text(held));
      case Ending.Reset() -> "a reset of the device or a reboot is seen";
      case Ending.Boot() -> "a reboot of the node is seen";
      case Ending.Quiet(Duration held) ->
          "%s without another, or a reset or reboot is seen".formatted(RuleText.text(held));
    };
  }
}
