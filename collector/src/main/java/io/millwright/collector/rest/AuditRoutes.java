package io.millwright.collector.rest;

import io.millwright.collector.audit.AuditEntry;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.audit.WitnessDesk;
import io.millwright.collector.audit.WitnessDesk.Witness;
import io.millwright.collector.control.Control;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.views.AuditHeadView;
import io.millwright.protocol.views.AuditView;
import io.millwright.protocol.vocabulary.LogHead;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Who changed what, and what the nodes have kept of that log. For operators. */
public final class AuditRoutes {
  private static final int MOST_ENTRIES = 500;

  private final Control control;
  private final AuditLog audit;
  private final WitnessDesk witnesses;

  public AuditRoutes(Control control, AuditLog audit, WitnessDesk witnesses) {
    this.control = control;
    this.audit = audit;
    this.witnesses = witnesses;
  }

  public List<Route> routes() {
    return List.of(
        Route.ask("/v1/audit", Role.OPERATOR, this::audit),
        Route.get(
            "/v1/audit/heads",
            Role.OPERATOR,
            request ->
                Answer.json(witnesses.witnesses().stream().map(AuditRoutes::view).toList())));
  }

  private CompletionStage<Answer> audit(Request request) {
    long after = request.query("since").map(AuditRoutes::number).orElse(0L);
    return control
        .ask((jobs, fleet) -> audit.entries(after, MOST_ENTRIES))
        .thenApply(entries -> Answer.json(entries.stream().map(AuditRoutes::view).toList()))
        .exceptionally(Rulings::failed);
  }

  private static long number(String given) {
    if (!given.matches("[0-9]{1,18}")) {
      throw JsonMistake.refused("since", Shown.quoted(given), "the number of an entry, from 0");
    }
    return Long.parseLong(given);
  }

  private static AuditView view(AuditEntry entry) {
    return new AuditView(
        entry.sequence(),
        entry.atMs(),
        entry.draft().by(),
        entry.draft().what(),
        entry.draft().subject(),
        entry.draft().before(),
        entry.draft().after(),
        entry.draft().reason(),
        entry.previous(),
        entry.hash());
  }

  private static AuditHeadView view(Witness witness) {
    LogHead head = witness.kept().head();
    return new AuditHeadView(
        witness.node(),
        witness.verdict().word(),
        head.store().toString(),
        head.generation(),
        head.sequence(),
        head.hash(),
        witness.kept().seenMs(),
        witness.why());
  }
}
