package io.millwright.agent.health;

import io.millwright.protocol.health.Comparison;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Ending;
import io.millwright.protocol.health.Match;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Series;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/** Figures of which no rule speaks, and which end all that do; worked out from the rules. */
final class Calm {
  private static final double[] FIGURES = {0, 1, 30};

  private final List<Rule> rules;
  private final Map<Series, Double> known = new HashMap<>();

  Calm(RuleCatalogue rules) {
    this.rules = rules.all();
  }

  double of(Series series) {
    return known.computeIfAbsent(series, this::workedOut);
  }

  private double workedOut(Series series) {
    if (PcieReplayLimit.GENERATION.covers(series)
        || rules.stream().anyMatch(rule -> isWhole(rule, series))) {
      return 1; // what others are held against
    }
    return DoubleStream.of(FIGURES)
        .filter(figure -> rules.stream().allMatch(rule -> isOver(rule, series, figure)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no figure is calm of " + series));
  }

  private static boolean isWhole(Rule rule, Series series) {
    return rule.condition() instanceof Condition.Share share && share.whole().covers(series);
  }

  private static boolean isOver(Rule rule, Series series, double figure) {
    return switch (rule.condition()) {
      case Condition.Reading(Match match, Comparison comparison, double threshold) ->
          !match.covers(series) || isOver(rule, comparison, threshold, figure);
      case Condition.Share(Match part, Match _, Comparison comparison, double threshold) ->
          !part.covers(series) || isOver(rule, comparison, threshold, figure);
      default -> true;
    };
  }

  private static boolean isOver(Rule rule, Comparison comparison, double threshold, double figure) {
    return rule.ending() instanceof Ending.Value ending
        ? ending.comparison().holds(figure, ending.threshold())
        : !comparison.holds(figure, threshold);
  }
}
