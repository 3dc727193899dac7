package io.millwright.protocol.health;

import java.time.Duration;

/** Which endings a condition can have: one that can never come would leave the rule for ever. */
final class Endings {
  private Endings() {}

  static void requireFitting(Condition condition, Duration held, Ending ending) {
    switch (condition) {
      case Condition.Xid _, Condition.Sxid _, Condition.NeuronError _, Condition.Kernel _ -> {
        requireOfEvents(ending);
        if (!held.isZero()) {
          throw new RuleException(
              "held",
              "held: '%s' is refused; allowed is 0s, because an event does not last"
                  .formatted(RuleText.text(held)));
        }
      }
      case Condition.Reading(var match, Comparison comparison, double threshold) ->
          requireOfFigure(comparison, threshold, ending);
      case Condition.Share(var part, var whole, Comparison comparison, double threshold) ->
          requireOfFigure(comparison, threshold, ending);
      case Condition.Increase(var match, double least, Duration window) ->
          requireOfFigure(Comparison.AT_LEAST, least, ending);
      case Condition.Turns turns ->
          requireOfFigure(Comparison.AT_LEAST, (double) turns.least(), ending);
      case Condition.Began(Condition standing) -> requireFitting(standing, held, ending);
      case Condition.BelowPeers below -> requireOfFigure(Comparison.AT_LEAST, below.by(), ending);
      case Condition.PcieReplays _ -> requireOfFigure(Comparison.ABOVE, 1, ending);
      case Condition.Gone _,
          Condition.Frozen _,
          Condition.Blind _,
          Condition.Fewer _,
          Condition.Unread _,
          Condition.XidJobs _,
          Condition.Lost _,
          Condition.DriverGone _,
          Condition.Stuck _,
          Condition.Silent _,
          Condition.Awaited _,
          Condition.Missing _,
          Condition.ProbeFails _ -> {
        if (!(ending instanceof Ending.Not)) {
          throw refused("not for 10s; nothing else ends such a rule");
        }
      }
    }
  }

  private static void requireOfEvents(Ending ending) {
    if (ending instanceof Ending.Not || ending instanceof Ending.Value) {
      throw refused("reset, boot or quiet 24h, because an event does not last");
    }
  }

  private static void requireOfFigure(Comparison when, double threshold, Ending ending) {
    switch (ending) {
      case Ending.Not _ -> {}
      case Ending.Value(Comparison over, double end, Duration held) -> {
        if (Comparison.meet(when, threshold, over, end)) {
          throw refused(
              "a figure at which the rule does not hold: it speaks at %s %s"
                  .formatted(when.sign(), RuleText.text(threshold)));
        }
      }
      case Ending.Reset _, Ending.Boot _, Ending.Quiet _ ->
          throw refused("not for 10s or value > 5 for 60s, because a reading is looked at again");
    }
  }

  private static RuleException refused(String allowed) {
    return new RuleException("ends", "ends: this ending is refused; allowed is " + allowed);
  }
}
