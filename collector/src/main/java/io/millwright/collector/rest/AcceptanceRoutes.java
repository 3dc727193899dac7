package io.millwright.collector.rest;

import io.millwright.collector.acceptance.AcceptanceDesk;
import io.millwright.collector.acceptance.Device;
import io.millwright.collector.acceptance.NodeAcceptance;
import io.millwright.collector.acceptance.Standing;
import io.millwright.collector.control.Control;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.views.AcceptanceView;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Which nodes' equipment is accepted. To accept is for operators. */
public final class AcceptanceRoutes {
  private static final int SCHEMA = 1;
  private static final String UNKNOWN =
      "No such node has told of an accelerator; /v1/acceptance lists those that have.";

  private final Control control;
  private final AcceptanceDesk desk;

  public AcceptanceRoutes(Control control, AcceptanceDesk desk) {
    this.control = control;
    this.desk = desk;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v1/acceptance", Role.VIEWER, request -> Answer.json(all())),
        Route.get("/v1/nodes/{node}/acceptance", Role.VIEWER, this::one),
        Route.post("/v1/nodes/{node}/accept", Role.OPERATOR, this::accept));
  }

  private List<AcceptanceView> all() {
    return desk.nodes().values().stream().map(this::view).toList();
  }

  private Answer one(Request request) {
    return Optional.ofNullable(desk.nodes().get(request.part("node")))
        .map(node -> Answer.json(view(node)))
        .orElseGet(() -> Answer.problem(404, UNKNOWN));
  }

  private CompletionStage<Answer> accept(Request request) {
    String reason =
        Fields.of("", Json.read("the request", request.body()), List.of("reason")).text("reason");
    String by = request.caller().name();
    return Rulings.of(
        control, 200, fleet -> desk.accept(fleet, request.part("node"), by, reason), this::view);
  }

  private AcceptanceView view(NodeAcceptance node) {
    Standing standing =
        desk.standings().getOrDefault(node.node(), new Standing(Standing.State.NEW, ""));
    return new AcceptanceView(
        SCHEMA,
        node.node(),
        standing.state().word(),
        desk.withheld(node.node()).isPresent(),
        standing.words(),
        node.changes(),
        node.changedMs(),
        node.pass().map(pass -> new AcceptanceView.Pass(pass.atMs(), pass.by(), pass.evidence())),
        node.seen().chassis(),
        node.seen().drivers(),
        node.seen().devices().entrySet().stream()
            .map(slot -> view(slot.getKey(), slot.getValue()))
            .toList());
  }

  private static AcceptanceView.Device view(String slot, Device device) {
    return new AcceptanceView.Device(
        slot,
        device.index(),
        device.vendor(),
        device.model(),
        device.serial(),
        device.uuid(),
        device.firmware());
  }
}
