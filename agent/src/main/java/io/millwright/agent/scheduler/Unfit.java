package io.millwright.agent.scheduler;

import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/** What verdicts mean to a scheduler. Pure. */
final class Unfit {
  private Unfit() {}

  /**
   * A node with a failed part is not fit, unless a job alone did it, which is to begin again. It is
   * fit once every part has answered and none is failed.
   */
  static Fitness of(HealthReport report) {
    if (reason(report).isPresent()) {
      return Fitness.UNFIT;
    }
    boolean all =
        !report.judgements().isEmpty()
            && report.judgements().stream()
                .allMatch(one ->
                    switch (one.verdict()) {
                      case OK, DEGRADED -> true;
                      case FAILED -> one.evidence().stream().anyMatch(Unfit::counts);
                      case UNKNOWN -> false;
                    });
    return all ? Fitness.FIT : Fitness.UNKNOWN;
  }

  /**
   * What speaks against the node, the first of it, in one sentence; that accelerators are missing
   * stands behind what is said of one, which may be why.
   */
  static Optional<String> reason(HealthReport report) {
    return report.judgements().stream()
        .sorted(Comparator.comparing(Unfit::missesSome))
        .flatMap(one -> sentence(one).stream())
        .findFirst();
  }

  private static boolean missesSome(Judgement judgement) {
    return judgement.evidence().stream()
        .filter(Unfit::counts)
        .findFirst()
        .filter(one -> one.rule().equals("accelerators-missing"))
        .isPresent();
  }

  /** What speaks against one of these devices. */
  static Optional<String> reason(HealthReport report, Set<String> uuids) {
    return report.judgements().stream()
        .filter(one ->
            one.subject() instanceof Subject.Device(String index, String uuid)
                && uuids.contains(uuid))
        .flatMap(one -> sentence(one).stream())
        .findFirst();
  }

  private static Optional<String> sentence(Judgement judgement) {
    if (judgement.verdict() != Verdict.FAILED) {
      return Optional.empty();
    }
    return judgement.evidence().stream()
        .filter(Unfit::counts)
        .filter(one -> one.advice() != Advice.RESTART_JOB)
        .findFirst()
        .map(one ->
            "%s failed by %s: %s; advice: %s"
                .formatted(
                    subject(judgement.subject()), one.rule(), one.observed(), one.advice().word()));
  }

  private static boolean counts(Evidence one) {
    return !one.observeOnly() && one.verdict() == Verdict.FAILED;
  }

  private static String subject(Subject subject) {
    return switch (subject) {
      case Subject.Node() -> "the node";
      case Subject.Device(String index, String uuid) -> "accelerator " + index;
    };
  }
}
