package io.millwright.cli;

import io.millwright.protocol.views.EvidenceView;
import java.util.Map;

/** One piece of evidence as people read it. */
final class EvidenceFacts {
  private EvidenceFacts() {}

  /**
   * @param serials of accelerators, by their numbers
   * @param collector where runbooks are read, as in {@code http://127.0.0.1:9461}
   */
  static Table table(EvidenceView evidence, Map<String, String> serials, String collector) {
    Facts facts = new Facts();
    facts.addWord(subject(evidence), evidence.verdict());
    evidence.accelerator().map(serials::get).ifPresent(serial -> facts.add("serial", serial));
    facts.add("rule", rule(evidence));
    facts.add("observed", evidence.observed());
    facts.add("since", Amounts.time(evidence.sinceMs()));
    facts.add("advice", advice(evidence));
    facts.add("clears", evidence.clears());
    evidence.job().ifPresent(job -> facts.add("job", job));
    evidence.runbook().ifPresent(path -> facts.add("runbook", collector + path));
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
