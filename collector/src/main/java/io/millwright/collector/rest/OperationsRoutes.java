package io.millwright.collector.rest;

import io.millwright.collector.control.Control;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.operations.Act;
import io.millwright.collector.operations.Area;
import io.millwright.collector.operations.ManualOverride;
import io.millwright.collector.operations.NodeMark;
import io.millwright.collector.operations.OperationsDesk;
import io.millwright.collector.operations.Policy;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.operations.Stage;
import io.millwright.collector.operations.Window;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.views.ActView;
import io.millwright.protocol.views.OverrideView;
import io.millwright.protocol.views.PolicyView;
import io.millwright.protocol.views.WindowView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * What people do about nodes, what policy does, and who did what: cordon, drain, maintenance,
 * overrides and acts. Changes are for operators.
 */
public final class OperationsRoutes {
  private static final int SCHEMA = 1;
  private static final int MOST_LISTED = 1_000;

  private final Control control;
  private final OperationsDesk desk;
  private final DutyViews duties;
  private final Clock clock;

  public OperationsRoutes(Control control, OperationsDesk desk, DutyViews duties, Clock clock) {
    this.control = control;
    this.desk = desk;
    this.duties = duties;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v1/nodes/{node}/cordon", Role.OPERATOR, this::cordon),
        Route.post("/v1/nodes/{node}/uncordon", Role.OPERATOR, this::uncordon),
        Route.post("/v1/nodes/{node}/drain", Role.OPERATOR, this::drain),
        Route.post("/v1/nodes/{node}/lost", Role.ADMIN, this::lost),
        Route.get("/v1/maintenance", Role.VIEWER, request -> Answer.json(windows())),
        Route.post("/v1/maintenance", Role.OPERATOR, this::open),
        Route.post("/v1/maintenance/{id}/end", Role.OPERATOR, this::endWindow),
        Route.get("/v1/overrides", Role.VIEWER, request -> Answer.json(overrides())),
        Route.post("/v1/overrides", Role.OPERATOR, this::override),
        Route.post("/v1/overrides/{id}/end", Role.OPERATOR, this::endOverride),
        Route.get("/v1/policy", Role.VIEWER, request -> Answer.json(policy())),
        Route.get("/v1/acts", Role.VIEWER, this::acts));
  }

  // ---- nodes

  private CompletionStage<Answer> cordon(Request request) {
    String reason = reason(request, List.of("reason")).text("reason");
    String by = request.caller().name();
    return node(request, fleet -> desk.cordon(fleet, request.part("node"), by, reason));
  }

  private CompletionStage<Answer> uncordon(Request request) {
    String reason = reason(request, List.of("reason")).text("reason");
    String by = request.caller().name();
    return node(request, fleet -> desk.uncordon(fleet, request.part("node"), by, reason));
  }

  private CompletionStage<Answer> drain(Request request) {
    Fields fields = reason(request, List.of("reason", "within_ms"));
    String reason = fields.text("reason");
    var within = fields.optionalLong("within_ms");
    String by = request.caller().name();
    return node(request, fleet -> desk.drain(fleet, request.part("node"), by, reason, within));
  }

  private CompletionStage<Answer> lost(Request request) {
    String reason = reason(request, List.of("reason")).text("reason");
    String by = request.caller().name();
    String node = request.part("node");
    return Rulings.of(
        control.ask((jobs, fleet) ->
            jobs.notLost(node)
                .<Ruling<NodeMark>>map(Ruling.Refused::new)
                .orElseGet(() -> desk.lost(fleet, node, by, reason))),
        200,
        mark -> duties.of(node, mark, request.caller()));
  }

  private static Fields reason(Request request, List<String> known) {
    return Fields.of("", Json.read("the request", request.body()), known);
  }

  private CompletionStage<Answer> node(
      Request request, Function<FleetState, Ruling<NodeMark>> change) {
    return ruled(200, change, mark -> duties.of(request.part("node"), mark, request.caller()));
  }

  private <T> CompletionStage<Answer> ruled(
      int status, Function<FleetState, Ruling<T>> change, Function<T, Object> view) {
    return Rulings.of(control, status, change, view);
  }

  // ---- maintenance

  private List<WindowView> windows() {
    long now = clock.wall().toEpochMilli();
    return desk.board().operations().windows().values().stream()
        .sorted(Comparator.comparingLong(Window::startMs).thenComparing(Window::id))
        .map(window -> view(window, now))
        .toList();
  }

  private static WindowView view(Window window, long nowMs) {
    return new WindowView(
        window.id(),
        window.area().kind().word(),
        window.area().name(),
        window.phase(nowMs).name().toLowerCase(Locale.ROOT),
        window.owner(),
        window.reason(),
        window.startMs(),
        window.endMs(),
        window.drainAheadMs(),
        window.by(),
        window.endedMs());
  }

  private CompletionStage<Answer> open(Request request) {
    Fields fields =
        reason(
            request,
            List.of(
                "node",
                "rack",
                "domain",
                "owner",
                "reason",
                "start_ms",
                "end_ms",
                "drain_ahead_ms"));
    Area area = area(fields);
    String by = request.caller().name();
    String owner = fields.optionalText("owner").orElse(by);
    String reason = fields.text("reason");
    var start = fields.optionalLong("start_ms");
    long end = fields.whole("end_ms");
    var ahead = fields.optionalLong("drain_ahead_ms");
    return ruled(
        201,
        fleet -> desk.open(fleet, area, owner, reason, start, end, ahead, by),
        window -> view(window, clock.wall().toEpochMilli()));
  }

  private static Area area(Fields fields) {
    List<Area> given = new ArrayList<>();
    for (Area.Kind kind : Area.Kind.values()) {
      fields.optionalText(kind.word()).ifPresent(name -> given.add(new Area(kind, name)));
    }
    if (given.size() != 1) {
      throw new JsonMistake(
          "the window: %d areas are refused; allowed is one of node, rack and domain"
              .formatted(given.size()));
    }
    return given.getFirst();
  }

  private CompletionStage<Answer> endWindow(Request request) {
    String reason = reason(request, List.of("reason")).text("reason");
    String by = request.caller().name();
    return ruled(
        200,
        fleet -> desk.endWindow(request.part("id"), by, reason),
        window -> view(window, clock.wall().toEpochMilli()));
  }

  // ---- overrides

  private List<OverrideView> overrides() {
    long now = clock.wall().toEpochMilli();
    return desk.board().operations().overrides().values().stream()
        .sorted(Comparator.comparingLong(ManualOverride::untilMs).thenComparing(ManualOverride::id))
        .map(one -> view(one, now))
        .toList();
  }

  private static OverrideView view(ManualOverride one, long nowMs) {
    return new OverrideView(
        one.id(),
        one.node(),
        one.rule(),
        one.holds(nowMs),
        one.sinceMs(),
        one.untilMs(),
        one.reason(),
        one.by(),
        one.endedMs());
  }

  private CompletionStage<Answer> override(Request request) {
    Fields fields = reason(request, List.of("node", "rule", "until_ms", "reason"));
    String node = fields.text("node");
    Optional<String> rule = fields.optionalText("rule");
    long until = fields.whole("until_ms");
    String reason = fields.text("reason");
    String by = request.caller().name();
    return ruled(
        201,
        fleet -> desk.override(fleet, node, rule, until, reason, by),
        one -> view(one, clock.wall().toEpochMilli()));
  }

  private CompletionStage<Answer> endOverride(Request request) {
    String reason = reason(request, List.of("reason")).text("reason");
    String by = request.caller().name();
    return ruled(
        200,
        fleet -> desk.endOverride(request.part("id"), by, reason),
        one -> view(one, clock.wall().toEpochMilli()));
  }

  // ---- policy

  private PolicyView policy() {
    Policy policy = desk.policy().policy();
    List<PolicyView.Rule> rules = new ArrayList<>();
    policy.rules().forEach((id, rule) -> rules.add(view("rule", id, rule)));
    policy.advice().forEach((advice, rule) -> rules.add(view("advice", advice.word(), rule)));
    rules.sort(Comparator.comparing(PolicyView.Rule::of).thenComparing(PolicyView.Rule::name));
    Policy.Limits limits = policy.limits();
    return new PolicyView(
        SCHEMA,
        desk.policy().path().map(Path::toString),
        desk.policy().trouble(),
        desk.paused(),
        rules,
        policy.settleMs(),
        policy.clearMs(),
        policy.drainDeadlineMs(),
        policy.horizonMs(),
        new PolicyView.Limits(
            limits.perNodeAnHour(),
            limits.fleetShare(),
            limits.fleetAtOnce(control.fleet().nodes().size()),
            limits.fleetAnHour(),
            limits.domain().atOnce(),
            limits.domain().anHour(),
            limits.rack().atOnce(),
            limits.rack().anHour(),
            limits.feed().atOnce(),
            limits.feed().anHour()),
        new PolicyView.Acceptance(
            policy.acceptance().mode().word(),
            policy.acceptance().test(),
            policy.acceptance().begin()));
  }

  private static PolicyView.Rule view(String of, String name, Policy.Rule rule) {
    return new PolicyView.Rule(
        of,
        name,
        rule.mode().word(),
        rule.mode() == Policy.Mode.OBSERVE ? "none" : rule.action().word());
  }

  /** The newest first; {@code ?requests} has those alone that ask somebody for something. */
  private Answer acts(Request request) {
    Optional<String> node = request.query("node");
    boolean requests = request.query("requests").isPresent();
    Map<Long, Act> acts = desk.board().operations().acts();
    return Answer.json(
        acts.values().stream()
            .filter(act -> node.isEmpty() || act.node().equals(node.get()))
            .filter(act -> !requests || asks(act))
            .sorted(Comparator.comparingLong(Act::id).reversed())
            .limit(MOST_LISTED)
            .map(OperationsRoutes::view)
            .toList());
  }

  /** A request is open until its verdict clears, also when a person has the node by now. */
  private static boolean asks(Act act) {
    return act.action().asks()
        && !act.dry()
        && (act.stage() == Stage.DONE || act.stage() == Stage.TAKEN_OVER);
  }

  private static ActView view(Act act) {
    return new ActView(
        act.id(),
        act.node(),
        act.device(),
        act.rule(),
        act.observed(),
        act.action().word(),
        act.dry(),
        act.stage().word(),
        act.why(),
        act.evidence().isEmpty() ? Optional.empty() : Optional.of(act.evidence()),
        act.seenMs(),
        act.dueMs(),
        act.doneMs(),
        act.deadlineMs(),
        act.endedMs());
  }
}
