package io.millwright.collector.rest;

import io.millwright.collector.control.Control;
import io.millwright.collector.recovery.RecoveryDesk;
import io.millwright.collector.recovery.RecoveryState;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.views.RecoveryView;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** How a recovery stands. To give nodes up and to release runs is for admins. */
public final class RecoveryRoutes {
  private static final int SCHEMA = 1;
  private static final String REQUEST = "the request";

  private final Control control;
  private final RecoveryDesk desk;

  public RecoveryRoutes(Control control, RecoveryDesk desk) {
    this.control = control;
    this.desk = desk;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/v1/recovery",
            Role.VIEWER,
            request -> Answer.json(view(control.jobs().recovery(), control.jobs().refusing()))),
        Route.post("/v1/recovery/lost", Role.ADMIN, this::lost),
        Route.post("/v1/recovery/release", Role.ADMIN, this::release));
  }

  private CompletionStage<Answer> lost(Request request) {
    Fields fields = Fields.of("", Json.read(REQUEST, request.body()), List.of("node", "reason"));
    String node = fields.plainText("node");
    String reason = fields.text("reason");
    String by = request.caller().name();
    return Rulings.of(control, 200, fleet -> desk.lost(node, by, reason), this::view);
  }

  private CompletionStage<Answer> release(Request request) {
    String reason =
        Fields.of("", Json.read(REQUEST, request.body()), List.of("reason")).text("reason");
    String by = request.caller().name();
    return Rulings.of(control, 200, fleet -> desk.release(by, reason), this::view);
  }

  private RecoveryView view(RecoveryState state) {
    return view(state, control.jobs().refusing());
  }

  private static RecoveryView view(RecoveryState state, int refusing) {
    return new RecoveryView(
        SCHEMA,
        state.phase().word(),
        state.since().map(Instant::toEpochMilli).map(OptionalLong::of).orElse(OptionalLong.empty()),
        state.why(),
        state.waitingFor(),
        state.answered(),
        state.lost(),
        state.held().stream().map(RunId::text).toList(),
        state.strangers().stream()
            .map(one -> new RecoveryView.Stranger(one.node(), one.run().text()))
            .toList(),
        refusing);
  }
}
