package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.List;
import java.util.Optional;

/** A change of a verdict, in one sentence. */
final class VerdictTurn {
  static final String KIND = "verdict-changed";

  private static final int LONGEST = 300;

  private VerdictTurn() {}

  /**
   * The sentence; empty where nothing has changed, or the first that is told is good.
   *
   * @param before empty where nothing was told
   * @param evidence what speaks against it now, the worst first
   */
  static Optional<String> sentence(Optional<Verdict> before, Verdict now, List<Evidence> evidence) {
    boolean same = before.isPresent() ? before.get() == now : now == Verdict.OK;
    return same ? Optional.empty() : Optional.of(was(before) + now.word() + why(now, evidence));
  }

  private static String was(Optional<Verdict> before) {
    return before.map(verdict -> "Was " + verdict.word() + ", is ").orElse("Is ");
  }

  private static String why(Verdict now, List<Evidence> evidence) {
    if (now == Verdict.OK) {
      return ".";
    }
    return evidence.stream()
        .filter(one -> !one.observeOnly())
        .findFirst()
        .or(() -> awaited(now, evidence))
        .map(one ->
            " by %s version %d: %s; advice: %s."
                .formatted(one.rule(), one.version(), plain(one.observed()), one.advice().word()))
        .orElse("; its agent tells no evidence.");
  }

  /** What has not answered yet is unknown, and a rule that is only shown says so. */
  private static Optional<Evidence> awaited(Verdict now, List<Evidence> evidence) {
    return evidence.stream()
        .filter(one -> now == Verdict.UNKNOWN && one.verdict() == now)
        .findFirst();
  }

  /** Without the full stop of a sentence of its own, and no longer than people read. */
  private static String plain(String observed) {
    StringBuilder text = new StringBuilder();
    observed.codePoints().limit(LONGEST).forEach(text::appendCodePoint);
    if (text.length() < observed.length()) {
      return text.append('…').toString();
    }
    return observed.endsWith(".") ? observed.substring(0, observed.length() - 1) : observed;
  }
}
