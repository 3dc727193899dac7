package io.millwright.cli;

import io.millwright.protocol.views.AcceptanceView;
import io.millwright.protocol.views.DutyView;
import io.millwright.protocol.views.NodeView;

/** Where a node stands and how people and policy have it stand, in lines. */
final class NodeFacts {
  private NodeFacts() {}

  /** Where somebody finds it. */
  static void place(Facts facts, NodeView.Place place) {
    place.rack().ifPresent(rack -> facts.add("rack", rack));
    place.chassis().ifPresent(chassis -> facts.add("chassis", "serial " + chassis));
    place.slot().ifPresent(slot -> facts.add("slot", slot));
    place.tray().ifPresent(tray -> facts.add("tray", tray));
  }

  /** Whether its equipment is the accepted one, and what is another. */
  static void acceptance(Facts facts, AcceptanceView acceptance) {
    facts.addWord("acceptance", acceptance.state());
    acceptance.changes().forEach(change -> facts.add("changed", change));
  }

  static void duty(Facts facts, DutyView duty) {
    facts.add("duty", duty.state());
    for (DutyView.Reason reason : duty.reasons()) {
      String since = reason.sinceMs().isPresent() ? " since " + Amounts.time(reason.sinceMs()) : "";
      String by = "%s by %s%s".formatted(reason.kind(), reason.by(), since);
      String deadline =
          reason.deadlineMs().isPresent()
              ? ", what is left is stopped at " + Amounts.time(reason.deadlineMs())
              : "";
      facts.add("because", by + deadline + reason.reason().map(words -> ": " + words).orElse(""));
    }
    duty.maintenance()
        .ifPresent(window ->
            facts.add(
                "maintenance",
                "%s, %s %s until %s"
                    .formatted(
                        window.id(),
                        window.open() ? "since" : "from",
                        Amounts.time(window.startMs()),
                        Amounts.time(window.endMs()))));
    if (!duty.overrides().isEmpty()) {
      facts.add("overridden", String.join(", ", duty.overrides()));
    }
  }

  /** In one word, with a mark for maintenance. */
  static String word(DutyView duty) {
    boolean maintained = duty.maintenance().filter(DutyView.Maintenance::open).isPresent();
    return maintained ? duty.state() + "+maintenance" : duty.state();
  }
}
