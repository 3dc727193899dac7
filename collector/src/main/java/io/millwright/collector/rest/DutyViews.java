package io.millwright.collector.rest;

import io.millwright.collector.acceptance.Accepting;
import io.millwright.collector.operations.Board;
import io.millwright.collector.operations.NodeMark;
import io.millwright.collector.operations.Window;
import io.millwright.protocol.views.DutyView;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** How people, policy and the acceptance have nodes stand, as REST shows it. */
public final class DutyViews {
  private static final Set<String> NOT_PEOPLE = Set.of("policy", "maintenance");

  private final Supplier<Board> board;
  private final Accepting accepting;

  public DutyViews(Supplier<Board> board, Accepting accepting) {
    this.board = board;
    this.accepting = accepting;
  }

  DutyView of(String node, Caller caller) {
    return of(node, board.get().mark(node), caller);
  }

  /** What withdraws a node keeps jobs away already; otherwise the acceptance may. */
  DutyView of(String node, NodeMark mark, Caller caller) {
    boolean names = caller.role().mayWhat(Role.VIEWER);
    Optional<DutyView.Reason> withheld =
        accepting.withheld(node).map(why -> acceptance(node, why, names));
    return new DutyView(
        withheld.isPresent() && mark.state() == NodeMark.State.IN_SERVICE
            ? "withheld"
            : mark.state().word(),
        reasons(mark, names, withheld),
        maintenance(mark),
        mark.overrides().stream().map(one -> one.rule().orElse("*")).distinct().toList());
  }

  private static List<DutyView.Reason> reasons(
      NodeMark mark, boolean names, Optional<DutyView.Reason> withheld) {
    return Stream.concat(
            mark.reasons().stream().map(reason -> view(reason, names)), withheld.stream())
        .toList();
  }

  private DutyView.Reason acceptance(String node, String why, boolean names) {
    return new DutyView.Reason(
        "acceptance",
        "policy",
        names ? Optional.of(why) : Optional.empty(),
        accepting.changedMs(node),
        OptionalLong.empty());
  }

  /** Who did it and in which words is for those who may see jobs. */
  private static DutyView.Reason view(NodeMark.Reason reason, boolean names) {
    boolean person = !NOT_PEOPLE.contains(reason.by());
    boolean told = names || reason.by().equals("policy");
    return new DutyView.Reason(
        reason.kind().word(),
        names || !person ? reason.by() : "person",
        told ? Optional.of(reason.words()) : Optional.empty(),
        OptionalLong.of(reason.sinceMs()),
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
