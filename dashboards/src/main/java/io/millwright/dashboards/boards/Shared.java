package io.millwright.dashboards.boards;

import io.millwright.dashboards.grafana.Words;
import io.millwright.dashboards.promql.Promql;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Arrays;
import java.util.stream.Stream;

/** Expressions that several boards have. */
final class Shared {
  static final String[] DEVICE = {"node", "accelerator", "uuid", "model"};
  static final String OWN_POWER = "scope=\"gpu\"";
  static final String ENFORCED = "limit=\"enforced\"";
  static final String THIS_NODE = "node=~\"$node\"";
  static final String THIS_MODEL = "model=~\"$model\"";

  /** Reasons that say nothing of a device: it has nothing to do, or was told to. */
  static final String HELD_BACK = "reason!~\"idle|app_clocks|display|sync_boost\"";

  private Shared() {}

  /**
   * The verdict as its rank, which {@link Words#verdicts} turns into a word.
   *
   * @param family a set of states with the label {@code state}
   * @param by labels that the result has
   * @param matchers of the family
   */
  static Promql verdict(Metric family, String[] by, String... matchers) {
    return Arrays.stream(Verdict.values())
        .filter(verdict -> verdict != Verdict.OK)
        .map(verdict -> ranked(state(family, verdict, matchers).sumBy(by), Words.rank(verdict)))
        .reduce(Promql::plus)
        .orElseThrow();
  }

  private static Promql ranked(Promql state, int rank) {
    return rank == 1 ? state : state.scaled("* " + rank);
  }

  /** 1 for those that are so judged, 0 for the others. */
  static Promql state(Metric family, Verdict verdict, String... matchers) {
    String[] all =
        Stream.concat(Stream.of("state=\"" + verdict.word() + "\""), Arrays.stream(matchers))
            .toArray(String[]::new);
    return Promql.of(family, all);
  }
}
