package io.millwright.agent.watch;

import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import java.util.List;

/** Whether two reports say different things; a figure that moves within its evidence is none. */
final class Changes {
  private static final long LONGEST_MS = 30_000;

  private Changes() {}

  /** Also where the later one is so much later that its figures should be told again. */
  static boolean between(HealthReport before, HealthReport after) {
    return after.atMs() - before.atMs() >= LONGEST_MS
        || !said(before.judgements()).equals(said(after.judgements()));
  }

  private static List<Judgement> said(List<Judgement> judgements) {
    return judgements.stream()
        .map(one ->
            new Judgement(
                one.subject(),
                one.verdict(),
                one.evidence().stream().map(Changes::withoutFigures).toList()))
        .toList();
  }

  private static Evidence withoutFigures(Evidence one) {
    return new Evidence(
        one.rule(),
        one.version(),
        one.verdict(),
        one.advice(),
        one.scope(),
        "",
        one.sinceMs(),
        one.clears(),
        one.job(),
        one.observeOnly());
  }
}
