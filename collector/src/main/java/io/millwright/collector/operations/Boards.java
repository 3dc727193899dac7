package io.millwright.collector.operations;

import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.racks.Place;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/** What follows from all that people and policy want, at a moment. Pure. */
public final class Boards {
  private static final String POLICY = "policy";
  private static final String MAINTENANCE = "maintenance";

  private Boards() {}

  /**
   * What is needed to make one.
   *
   * @param nodes all that are known
   * @param busy whether a node has a run that has not ended
   * @param horizonMs so near a window no run without a time limit is begun
   */
  public record Input(
      Collection<String> nodes,
      Function<String, Place> places,
      Predicate<String> busy,
      long horizonMs,
      long nowMs) {}

  public static Board of(Operations operations, Input in) {
    Map<String, List<Act>> acts = new HashMap<>();
    Map<DeviceKey, String> withheld = new HashMap<>();
    for (Act act : operations.acts().values()) {
      if (act.stands()) {
        acts.computeIfAbsent(act.node(), first -> new ArrayList<>()).add(act);
        device(act).ifPresent(key -> withheld.put(key, words(act)));
      }
    }
    TreeSet<String> nodes = new TreeSet<>(in.nodes());
    nodes.addAll(operations.orders().keySet());
    nodes.addAll(acts.keySet());
    Map<String, NodeMark> marks = new LinkedHashMap<>();
    Live live =
        new Live(
            operations.orders(),
            operations.windowsNow(in.nowMs()),
            operations.overridesByNode(in.nowMs()),
            acts);
    for (String node : nodes) {
      NodeMark mark = mark(live, node, in);
      if (!mark.equals(NodeMark.IN_SERVICE)) {
        marks.put(node, mark);
      }
    }
    return new Board(operations, marks, withheld, in.nowMs());
  }

  /** What is not over, found once for all nodes. */
  private record Live(
      Map<String, Order> orders,
      List<Window> windows,
      Map<String, List<ManualOverride>> overrides,
      Map<String, List<Act>> acts) {
    List<Window> windows(String node, Place place) {
      return windows.stream().filter(window -> window.area().covers(node, place)).toList();
    }
  }

  /** The one device that an act withholds; empty where it is the whole node. */
  private static Optional<DeviceKey> device(Act act) {
    return act.action().ofNode()
        ? Optional.empty()
        : act.device().map(uuid -> new DeviceKey(act.node(), uuid));
  }

  private static String words(Act act) {
    return "%s for %s: %s".formatted(act.action().word(), act.rule(), act.observed());
  }

  private static NodeMark mark(Live live, String node, Input in) {
    List<Act> acts = live.acts().getOrDefault(node, List.of());
    List<Window> windows =
        live.windows().isEmpty() ? List.of() : live.windows(node, in.places().apply(node));
    List<NodeMark.Reason> reasons = new ArrayList<>();
    Optional.ofNullable(live.orders().get(node)).map(Boards::reason).ifPresent(reasons::add);
    windows.stream()
        .filter(w -> w.phase(in.nowMs()) == Window.Phase.OPEN || w.drains(in.nowMs()))
        .map(window -> reason(window, in.nowMs()))
        .forEach(reasons::add);
    acts.stream().filter(act -> device(act).isEmpty()).map(Boards::reason).forEach(reasons::add);
    return new NodeMark(
        state(reasons, in.busy().test(node)),
        reasons,
        closing(windows, in),
        windows.stream().filter(w -> w.phase(in.nowMs()) == Window.Phase.OPEN).findFirst(),
        live.overrides().getOrDefault(node, List.of()));
  }

  private static NodeMark.State state(List<NodeMark.Reason> reasons, boolean busy) {
    if (reasons.isEmpty()) {
      return NodeMark.State.IN_SERVICE;
    }
    if (reasons.stream().noneMatch(reason -> reason.kind() == Order.Kind.DRAIN)) {
      return NodeMark.State.CORDONED;
    }
    return busy ? NodeMark.State.DRAINING : NodeMark.State.DRAINED;
  }

  private static NodeMark.Reason reason(Order order) {
    return new NodeMark.Reason(
        order.kind(), order.by(), order.reason(), order.atMs(), order.deadlineMs(), true);
  }

  private static NodeMark.Reason reason(Act act) {
    return new NodeMark.Reason(
        act.action() == Action.DRAIN ? Order.Kind.DRAIN : Order.Kind.CORDON,
        POLICY,
        words(act),
        act.doneMs().orElse(act.seenMs()),
        act.deadlineMs(),
        act.holds());
  }

  private static NodeMark.Reason reason(Window window, long nowMs) {
    boolean drains = window.drains(nowMs);
    return new NodeMark.Reason(
        drains ? Order.Kind.DRAIN : Order.Kind.CORDON,
        MAINTENANCE,
        window.words(),
        drains ? window.startMs() - window.drainAheadMs().orElse(0) : window.startMs(),
        drains ? OptionalLong.of(window.startMs()) : OptionalLong.empty(),
        true);
  }

  /** The window that begins first. */
  private static Optional<NodeMark.Closing> closing(List<Window> windows, Input in) {
    Optional<NodeMark.Closing> nearest = Optional.empty();
    for (Window window : windows) {
      long left = window.startMs() - in.nowMs();
      boolean nearer = nearest.isEmpty() || left < nearest.get().leftMs();
      if (window.phase(in.nowMs()) == Window.Phase.PLANNED && nearer) {
        nearest = Optional.of(new NodeMark.Closing(window, left, in.horizonMs()));
      }
    }
    return nearest;
  }

  /**
   * A node whose runs are to be stopped now.
   *
   * @param by on whose behalf
   * @param why the drain's reason, in the words of whoever gave it
   */
  public record Overdue(String node, String by, String why) {}

  /** The nodes whose drain has come to its deadline, of policy's those whose cause is seen now. */
  public static List<Overdue> overdue(Board board) {
    List<Overdue> overdue = new ArrayList<>();
    board
        .marks()
        .forEach((node, mark) ->
            mark.reasons().stream()
                .filter(NodeMark.Reason::holds)
                .filter(reason -> reason.deadlineMs().orElse(Long.MAX_VALUE) <= board.nowMs())
                .findFirst()
                .ifPresent(reason -> overdue.add(new Overdue(node, reason.by(), reason.words()))));
    return overdue;
  }
}
