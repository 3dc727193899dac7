package io.millwright.collector.rest;

import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.views.EvidenceView;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Evidence as REST shows it. */
final class EvidenceViews {
  private record Part(Optional<String> accelerator, Evidence evidence) {
    static final Comparator<Part> WORST_FIRST =
        Comparator.comparing((Part part) -> part.evidence.observeOnly())
            .thenComparing(part -> part.evidence.verdict(), Comparator.<Verdict>reverseOrder());
  }

  private static final RuleCatalogue RULES = RuleCatalogue.load();

  private EvidenceViews() {}

  /** Where it is read what to do about a rule. */
  static Optional<String> runbook(String rule) {
    return RULES.runbook(rule).map(Runbooks::path);
  }

  /** Of a node and its devices, the worst first. */
  static List<EvidenceView> of(List<Judgement> judgements, Caller caller) {
    return views(judgements.stream().flatMap(EvidenceViews::parts), caller);
  }

  private static Stream<Part> parts(Judgement judgement) {
    Optional<String> accelerator =
        switch (judgement.subject()) {
          case Subject.Node() -> Optional.empty();
          case Subject.Device(String index, String uuid) -> Optional.of(index);
        };
    return judgement.evidence().stream().map(evidence -> new Part(accelerator, evidence));
  }

  /**
   * Of one device, the worst first.
   *
   * @param accelerator its number on the node
   */
  static List<EvidenceView> of(List<Evidence> evidence, String accelerator, Caller caller) {
    return views(evidence.stream().map(one -> new Part(Optional.of(accelerator), one)), caller);
  }

  private static List<EvidenceView> views(Stream<Part> parts, Caller caller) {
    boolean jobs = caller.role().mayWhat(Role.VIEWER);
    return parts.sorted(Part.WORST_FIRST).map(part -> view(part, jobs)).toList();
  }

  /** What runs where is for those who may see jobs. */
  private static EvidenceView view(Part part, boolean jobs) {
    Evidence evidence = part.evidence();
    return new EvidenceView(
        part.accelerator(),
        evidence.rule(),
        evidence.version(),
        evidence.verdict().word(),
        evidence.advice().word(),
        evidence.scope().word(),
        evidence.observed(),
        evidence.sinceMs(),
        evidence.clears(),
        jobs ? evidence.job() : Optional.empty(),
        evidence.observeOnly(),
        runbook(evidence.rule()));
  }
}
