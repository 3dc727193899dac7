package io.millwright.collector.rest;

import io.millwright.collector.control.Control;
import io.millwright.collector.control.JobsFailure;
import io.millwright.collector.control.PowerLog;
import io.millwright.collector.downlink.PowerReply;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.bodies.PowerBody;
import io.millwright.protocol.bodies.PowerRequest;
import io.millwright.protocol.views.PowerView;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Power limits of a node's accelerators: ordered by an operator, written down before they are sent,
 * answered by the node.
 */
public final class PowerRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(PowerRoutes.class);
  private static final int SCHEMA = 1;
  private static final double MILLI = 1e3;

  private final Control control;
  private final PowerLog log;

  public PowerRoutes(Control control, PowerLog log) {
    this.control = control;
    this.log = log;
  }

  public List<Route> routes() {
    return List.of(Route.post("/v1/nodes/{node}/power", Role.OPERATOR, this::cap));
  }

  private CompletionStage<Answer> cap(Request request) {
    PowerRequest wish = PowerRequest.of(request.body());
    String node = request.part("node");
    if (!control.fleet().nodes().containsKey(node)) {
      return CompletableFuture.completedFuture(
          Answer.problem(
              404, "No node of this name has reported; /v1/nodes lists those that have."));
    }
    return log.begin(request.caller().name(), node, wish)
        .thenCompose(entry -> asked(node, wish).thenCompose(reply -> written(entry, reply)))
        .thenApply(reply -> answer(node, reply))
        .exceptionally(PowerRoutes::failed);
  }

  private CompletableFuture<PowerReply> asked(String node, PowerRequest wish) {
    CompletableFuture<PowerReply> reply = new CompletableFuture<>();
    return control
        .ask((desk, fleet) -> {
          desk.cap(node, wish.watts(), wish.devices(), reply);
          return true;
        })
        .thenCompose(asked -> reply);
  }

  /** What came of it is told also where it cannot be written down any more. */
  private CompletableFuture<PowerReply> written(PowerLog.Entry entry, PowerReply reply) {
    CompletableFuture<PowerLog.Entry> ended = log.end(entry, reply);
    if (reply instanceof PowerReply.Unanswered(String why, CompletableFuture<PowerBody> late)) {
      CompletableFuture<PowerLog.Entry> _ =
          ended
              .exceptionally(failure -> entry)
              .thenCompose(kept -> late)
              .thenCompose(body -> log.end(entry, new PowerReply.Answered(body)))
              .whenComplete((kept, failure) -> {
                if (failure != null) {
                  LOG.warn("what came late of an order is not written down", failure);
                }
              });
    }
    return ended.handle((kept, failure) -> reply);
  }

  private static Answer answer(String node, PowerReply reply) {
    return switch (reply) {
      case PowerReply.Answered(PowerBody body) ->
          body.refusal().isPresent()
              ? Answer.problem(409, "node %s: %s.".formatted(node, body.refusal().get()))
              : Answer.json(view(node, body));
      case PowerReply.Away(String why) -> Answer.problem(503, why + ".");
      case PowerReply.Declined(String why) -> Answer.problem(409, why + ".");
      case PowerReply.Unanswered(String why, _) -> Answer.problem(503, why + ".");
    };
  }

  private static PowerView view(String node, PowerBody body) {
    return new PowerView(
        SCHEMA,
        node,
        body.caps().stream()
            .map(cap ->
                new PowerView.Device(
                    cap.device(),
                    cap.result(),
                    watts(cap.setMilliwatts()),
                    watts(cap.inForceMilliwatts())))
            .toList());
  }

  private static OptionalDouble watts(OptionalLong milliwatts) {
    return milliwatts.isPresent()
        ? OptionalDouble.of(milliwatts.getAsLong() / MILLI)
        : OptionalDouble.empty();
  }

  private static Answer failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof StoreException || cause instanceof JobsFailure) {
      return Answer.problem(503, String.valueOf(cause.getMessage()));
    }
    throw new CompletionException(failure);
  }
}
