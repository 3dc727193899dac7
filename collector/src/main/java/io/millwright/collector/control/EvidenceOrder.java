package io.millwright.collector.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Evidence that somebody wanted of a node, and what came of it.
 *
 * @param id number of the order, later ones are greater
 * @param by who wanted it
 * @param test of the site that was to be run; empty where a bundle was wanted
 */
public record EvidenceOrder(
    String id,
    String node,
    long atMs,
    String by,
    String reason,
    String incident,
    String test,
    State state) {
  private static final List<String> FIELDS =
      List.of("at_ms", "by", "reason", "incident", "test", "answer", "failed", "unanswered");

  /** How far it is. */
  public sealed interface State {
    record Asked() implements State {}

    /** There is a bundle, or a test has run. */
    record Ready(EvidenceBody body) implements State {}

    record Failed(String why) implements State {}

    /** No answer of the node came: a test may run there until its deadline all the same. */
    record Unanswered(String why) implements State {}
  }

  /** Whether a bundle of this order is kept on its node, as far as is known. */
  public boolean hasBundle() {
    return state instanceof State.Ready(EvidenceBody body) && body.bundle().isPresent();
  }

  /** Whether it is one of a test of which nobody knows that it is over. */
  boolean mayRun() {
    return !test.isEmpty()
        && switch (state) {
          case State.Asked(), State.Unanswered(String _) -> true;
          case State.Ready(EvidenceBody _), State.Failed(String _) -> false;
        };
  }

  /** The same order, of which something else is known. */
  public EvidenceOrder with(State next) {
    return new EvidenceOrder(id, node, atMs, by, reason, incident, test, next);
  }

  String json() {
    ObjectNode tree =
        Json.object()
            .put("at_ms", atMs)
            .put("by", by)
            .put("reason", reason)
            .put("incident", incident)
            .put("test", test);
    switch (state) {
      case State.Asked() -> {}
      case State.Ready(EvidenceBody body) -> tree.set("answer", Json.read("it", body.json()));
      case State.Failed(String why) -> tree.put("failed", why);
      case State.Unanswered(String why) -> tree.put("unanswered", why);
    }
    return Json.text(tree);
  }

  /** Of one that was asked when the collector ended, no answer comes any more. */
  static EvidenceOrder of(String node, String id, String text) {
    Fields fields =
        Fields.of("", Json.read("the order", text.getBytes(StandardCharsets.UTF_8)), FIELDS);
    Optional<State> failed = fields.optionalText("failed").map(State.Failed::new);
    State state =
        fields.has("answer")
            ? new State.Ready(EvidenceBody.of(Json.bytes(fields.tree("answer"))))
            : failed.orElseGet(() ->
                new State.Unanswered(
                    fields
                        .optionalText("unanswered")
                        .orElse("the collector was started anew before the node answered")));
    return new EvidenceOrder(
        id,
        node,
        fields.whole("at_ms"),
        fields.text("by"),
        fields.text("reason"),
        fields.text("incident"),
        fields.text("test"),
        state);
  }
}
