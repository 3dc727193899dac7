package io.millwright.collector.rest;

import io.millwright.collector.control.Control;
import io.millwright.collector.returns.PartReturn;
import io.millwright.collector.returns.ReturnsDesk;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.views.ReturnView;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The parts that go back to whoever made them. Changes are for operators. */
public final class ReturnRoutes {
  private final Control control;
  private final ReturnsDesk desk;

  public ReturnRoutes(Control control, ReturnsDesk desk) {
    this.control = control;
    this.desk = desk;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/v1/returns",
            Role.VIEWER,
            request -> Answer.json(desk.returns().stream().map(ReturnRoutes::view).toList())),
        Route.post("/v1/returns", Role.OPERATOR, this::add),
        Route.post("/v1/returns/{id}/end", Role.OPERATOR, this::end));
  }

  private CompletionStage<Answer> add(Request request) {
    Fields fields =
        Fields.of(
            "", Json.read("the request", request.body()), List.of("serial", "ticket", "reason"));
    String serial = fields.text("serial");
    String ticket = fields.text("ticket");
    String reason = fields.text("reason");
    String by = request.caller().name();
    return Rulings.of(
        control, 201, fleet -> desk.add(serial, ticket, reason, by), ReturnRoutes::view);
  }

  private CompletionStage<Answer> end(Request request) {
    String reason =
        Fields.of("", Json.read("the request", request.body()), List.of("reason")).text("reason");
    String by = request.caller().name();
    return Rulings.of(
        control, 200, fleet -> desk.end(request.part("id"), by, reason), ReturnRoutes::view);
  }

  private static ReturnView view(PartReturn one) {
    return new ReturnView(
        one.id(),
        one.serial(),
        one.ticket(),
        state(one),
        one.reason(),
        one.by(),
        one.atMs(),
        one.node(),
        one.leftMs(),
        one.seenNode(),
        one.seenMs(),
        one.endedMs());
  }

  private static String state(PartReturn one) {
    if (!one.open()) {
      return "ended";
    }
    if (one.seenNode().isPresent()) {
      return "seen-again";
    }
    return one.leftMs().isPresent() ? "away" : "in-node";
  }
}
