package io.millwright.protocol.vocabulary.health;

import java.util.List;

/**
 * How a whole node is, as its agent judges it: the node itself and each of its devices.
 *
 * @param atMs when it was judged, by the node's wall clock
 */
public record HealthReport(long atMs, List<Judgement> judgements) {
  public HealthReport {
    judgements = List.copyOf(judgements);
  }

  /** The node is as its worst part; unknown where nothing was judged. */
  public Verdict verdict() {
    return judgements.stream()
        .map(Judgement::verdict)
        .reduce(Verdict::worse)
        .orElse(Verdict.UNKNOWN);
  }
}
