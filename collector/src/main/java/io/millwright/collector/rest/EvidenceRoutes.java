package io.millwright.collector.rest;

import io.millwright.collector.control.Control;
import io.millwright.collector.control.EvidenceDesk;
import io.millwright.collector.control.EvidenceOrder;
import io.millwright.collector.control.EvidenceOrder.State;
import io.millwright.collector.control.JobsFailure;
import io.millwright.collector.downlink.EvidenceReply;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.bodies.BundleManifest;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.EvidenceRequest;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.bodies.TestRecord;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.views.BundleView;
import io.millwright.protocol.views.DoctorView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Evidence of nodes: wanted by an operator, written down before it is sent, kept by the node. */
public final class EvidenceRoutes {
  private static final int SCHEMA = 1;
  private static final String UNKNOWN =
      "No node of this name has reported; /v1/nodes lists those that have.";

  private final Control control;
  private final EvidenceDesk desk;

  public EvidenceRoutes(Control control, EvidenceDesk desk) {
    this.control = control;
    this.desk = desk;
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v1/nodes/{node}/evidence", Role.OPERATOR, this::begin),
        Route.get("/v1/nodes/{node}/evidence", Role.OPERATOR, this::list),
        Route.post("/v1/nodes/{node}/evidence/release", Role.OPERATOR, this::release),
        Route.ask("/v1/nodes/{node}/evidence/{id}", Role.OPERATOR, this::read),
        Route.post("/v1/nodes/{node}/doctor", Role.OPERATOR, this::checks));
  }

  private boolean known(Request request) {
    return control.fleet().nodes().containsKey(request.part("node"));
  }

  private static CompletionStage<Answer> done(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }

  // ---- bundles and tests

  /** The answer says that it is on its way; the list says what came of it. */
  private CompletionStage<Answer> begin(Request request) {
    EvidenceRequest wish = EvidenceRequest.of(request.body());
    if (!known(request)) {
      return done(Answer.problem(404, UNKNOWN));
    }
    return desk.begin(
            request.caller().name(),
            request.part("node"),
            wish.reason(),
            wish.incident(),
            wish.test(),
            wish.inService())
        .thenApply(begun -> Answer.json(202, view(begun.order())))
        .exceptionally(EvidenceRoutes::failed);
  }

  private CompletionStage<Answer> release(Request request) {
    String reason =
        Fields.of("", Json.read("the request", request.body()), List.of("reason")).text("reason");
    if (!known(request)) {
      return done(Answer.problem(404, UNKNOWN));
    }
    return Rulings.of(
        desk.release(request.caller().name(), request.part("node"), reason),
        200,
        EvidenceRoutes::released);
  }

  /** The order, which is over, and in its own words what still holds the node. */
  private static BundleView released(EvidenceDesk.Released released) {
    EvidenceOrder over = released.over();
    return view(
        released
            .awaited()
            .map(other ->
                over.with(
                    new State.Failed(
                        "%s; the answer to order %s is awaited, and no work goes to node %s until then"
                            .formatted(failure(over.state()).orElse(""), other.id(), over.node()))))
            .orElse(over));
  }

  private Answer list(Request request) {
    return known(request)
        ? Answer.json(desk.orders(request.part("node")).stream().map(EvidenceRoutes::view).toList())
        : Answer.problem(404, UNKNOWN);
  }

  private CompletionStage<Answer> read(Request request) {
    String offset = request.query("offset").orElse("0");
    if (!offset.matches("[0-9]{1,18}")) {
      throw new IllegalArgumentException(
          "offset: '%s' is refused; allowed is a number of bytes from 0"
              .formatted(offset.replaceAll("[^\\x20-\\x7e]", "?")));
    }
    String id = request.part("id");
    if (!known(request) || !BundleManifest.isId(id)) {
      return done(
          Answer.problem(404, "No such bundle; /v1/nodes/{node}/evidence lists what there is."));
    }
    return desk.read(request.part("node"), id, Long.parseLong(offset))
        .thenApply(EvidenceRoutes::piece)
        .exceptionally(EvidenceRoutes::failed);
  }

  private static Answer piece(Frame.Bundle piece) {
    if (!piece.refusal().isEmpty()) {
      return Answer.problem(503, piece.refusal() + ".");
    }
    return new Answer(200, "application/octet-stream", piece.bytes().toByteArray())
        .with(
            Map.of(
                "millwright-offset",
                Long.toString(piece.offset()),
                "millwright-next",
                Long.toString(piece.offset() + piece.bytes().length()),
                "millwright-ended",
                Boolean.toString(piece.ended())));
  }

  private static BundleView view(EvidenceOrder order) {
    Optional<EvidenceBody> body =
        order.state() instanceof State.Ready(EvidenceBody ready)
            ? Optional.of(ready)
            : Optional.empty();
    Optional<EvidenceBody.Bundle> bundle = body.flatMap(EvidenceBody::bundle);
    return new BundleView(
        SCHEMA,
        order.id(),
        order.node(),
        word(order.state()),
        order.atMs(),
        order.by(),
        order.reason(),
        order.incident(),
        failure(order.state()),
        bundle.map(kept -> kept.manifest().id()),
        bundle.map(EvidenceBody.Bundle::bytes).orElse(0L),
        bundle.map(EvidenceBody.Bundle::sha256),
        bundle.map(kept -> parts(kept.manifest())).orElse(List.of()),
        bundle.map(kept -> missing(kept.manifest())).orElse(List.of()),
        body.flatMap(EvidenceBody::test).map(EvidenceRoutes::test));
  }

  private static String word(State state) {
    return switch (state) {
      case State.Asked() -> "asked";
      case State.Ready(EvidenceBody _) -> "ready";
      case State.Failed(String _), State.Unanswered(String _) -> "failed";
    };
  }

  private static Optional<String> failure(State state) {
    return switch (state) {
      case State.Failed(String why) -> Optional.of(why);
      case State.Unanswered(String why) -> Optional.of(why);
      case State.Asked(), State.Ready(EvidenceBody _) -> Optional.empty();
    };
  }

  private static List<BundleView.Part> parts(BundleManifest manifest) {
    return manifest.parts().stream()
        .map(
            part -> new BundleView.Part(part.name(), part.bytes(), part.sha256(), part.simulated()))
        .toList();
  }

  private static List<BundleView.Missing> missing(BundleManifest manifest) {
    return manifest.missing().stream()
        .map(gap -> new BundleView.Missing(gap.name(), gap.why()))
        .toList();
  }

  private static DoctorView.Test test(TestRecord record) {
    return new DoctorView.Test(
        record.name(),
        record.program(),
        record.sha256(),
        record.result().word(),
        record.why(),
        record.exit(),
        record.seconds(),
        record.atMs(),
        record.lastLines());
  }

  // ---- the doctor

  private CompletionStage<Answer> checks(Request request) {
    if (!known(request)) {
      return done(Answer.problem(404, UNKNOWN));
    }
    String node = request.part("node");
    return desk.checks(node)
        .thenApply(reply -> answer(node, reply))
        .exceptionally(EvidenceRoutes::failed);
  }

  private static Answer answer(String node, EvidenceReply reply) {
    return switch (reply) {
      case EvidenceReply.Answered(EvidenceBody body) ->
          body.refusal()
              .map(why -> Answer.problem(409, "node %s: %s.".formatted(node, why)))
              .orElseGet(() -> Answer.json(doctor(node, body.checks())));
      case EvidenceReply.NotSent(String why) -> Answer.problem(503, why + ".");
      case EvidenceReply.Unanswered(String why) -> Answer.problem(503, why + ".");
    };
  }

  private static DoctorView doctor(String node, List<DoctorCheck> checks) {
    return new DoctorView(
        SCHEMA,
        node,
        DoctorCheck.worst(checks).word(),
        checks.stream()
            .map(check ->
                new DoctorView.Check(
                    check.check(), check.outcome().word(), check.found(), check.fix()))
            .toList());
  }

  private static Answer failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof StoreException || cause instanceof JobsFailure) {
      return Answer.problem(503, String.valueOf(cause.getMessage()));
    }
    throw new CompletionException(failure);
  }
}
