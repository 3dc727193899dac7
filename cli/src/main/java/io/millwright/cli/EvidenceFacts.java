package io.millwright.cli;

import io.millwright.protocol.views.EvidenceView;

/** One piece of evidence as people read it. */
final class EvidenceFacts {
  private EvidenceFacts() {}

  static Table table(EvidenceView evidence) {
    Facts facts = new Facts();
    facts.addWord(subject(evidence), evidence.verdict());
    facts.add("rule", rule(evidence));
    facts.add("observed", evidence.observed());
    facts.add("since", Amounts.time(evidence.sinceMs()));
    facts.add("advice", advice(evidence));
    facts.add("clears", evidence.clears());
    evidence.job().ifPresent(job -> facts.add("job", job));
    return facts.table();
  }

  /** {@code accelerator 3}, or {@code node}. */
  static String subject(EvidenceView evidence) {
    return evidence.accelerator().map(number -> "accelerator " + number).orElse("node");
  }

  private static String rule(EvidenceView evidence) {
    return "%s version %d%s"
        .formatted(
            evidence.rule(),
            evidence.version(),
            evidence.observeOnly() ? ", which is only shown and counts for no verdict" : "");
  }

  /** {@code reset-device, of the device}. */
  static String advice(EvidenceView evidence) {
    return evidence.advice() + ", of the " + evidence.scope();
  }
}
