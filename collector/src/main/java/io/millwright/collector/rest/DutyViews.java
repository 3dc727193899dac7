package io.millwright.collector.rest;

import io.millwright.collector.operations.Board;
import io.millwright.collector.operations.NodeMark;
import io.millwright.collector.operations.Window;
import io.millwright.protocol.views.DutyView;
import java.util.Optional;
import java.util.Set;

/** How people and policy have nodes stand, as REST shows it. */
final class DutyViews {
  private static final Set<String> NOT_PEOPLE = Set.of("policy", "maintenance");

  private DutyViews() {}

  static DutyView of(String node, Board board, Caller caller) {
    return of(board.mark(node), caller);
  }

  static DutyView of(NodeMark mark, Caller caller) {
    boolean names = caller.role().mayWhat(Role.VIEWER);
    return new DutyView(
        mark.state().word(),
        mark.reasons().stream().map(reason -> view(reason, names)).toList(),
        maintenance(mark),
        mark.overrides().stream().map(one -> one.rule().orElse("*")).distinct().toList());
  }

  /** Who did it and in which words is for those who may see jobs. */
  private static DutyView.Reason view(NodeMark.Reason reason, boolean names) {
    boolean person = !NOT_PEOPLE.contains(reason.by());
    boolean told = names || reason.by().equals("policy");
    return new DutyView.Reason(
        reason.kind().word(),
        names || !person ? reason.by() : "person",
        told ? Optional.of(reason.words()) : Optional.empty(),
        reason.sinceMs(),
        reason.deadlineMs());
  }

  private static Optional<DutyView.Maintenance> maintenance(NodeMark mark) {
    return mark.window()
        .map(window -> view(window, true))
        .or(() -> mark.closing().map(closing -> view(closing.window(), false)));
  }

  private static DutyView.Maintenance view(Window window, boolean open) {
    return new DutyView.Maintenance(window.id(), open, window.startMs(), window.endMs());
  }
}
