package io.millwright.agent.scheduler;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.AccountJson;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.vocabulary.job.RunAccount;
import java.util.List;

/** What is answered at the door. */
public sealed interface Reply {

  /**
   * It was done.
   *
   * @param note one sentence where there is more to say; else empty
   */
  record Done(String note) implements Reply {}

  /** It was not, and why, in one sentence. */
  record Refused(String sentence) implements Reply {}

  /** What was asked is no question here, and why, in one sentence; no verdict on the node. */
  record Mistaken(String sentence) implements Reply {}

  /**
   * How the node is.
   *
   * @param fitness whether it may take work
   * @param reason what speaks against it; empty where it is fit
   */
  record Seen(Fitness fitness, String reason, List<Running> runs) implements Reply {
    public Seen {
      runs = List.copyOf(runs);
    }
  }

  /**
   * A run that is open.
   *
   * @param account what it has used until now
   * @param unsure whether its end may have been missed
   */
  record Running(RunAccount account, boolean unsure) {}

  /**
   * @throws IllegalArgumentException for what is no answer
   */
  static Reply of(byte[] text) {
    Fields fields = Fields.open("", Json.read("the answer", text));
    return switch (fields.text("answer")) {
      case "done" -> new Done(fields.text("note"));
      case "refused" -> new Refused(fields.text("sentence"));
      case "mistaken" -> new Mistaken(fields.text("sentence"));
      case "seen" ->
          new Seen(
              fields.word("fitness", Fitness::ofWord, "fit, unfit or unknown"),
              fields.text("reason"),
              fields.openObjects("runs").stream()
                  .map(one -> new Running(AccountJson.of(one, "account"), one.flag("unsure")))
                  .toList());
      default -> throw new IllegalArgumentException("answer: no such answer");
    };
  }

  /** As {@link #of} reads it. */
  default byte[] json() {
    return switch (this) {
      case Done(String note) -> Json.bytes(Json.object().put("answer", "done").put("note", note));
      case Refused(String sentence) ->
          Json.bytes(Json.object().put("answer", "refused").put("sentence", sentence));
      case Mistaken(String sentence) ->
          Json.bytes(Json.object().put("answer", "mistaken").put("sentence", sentence));
      case Seen(Fitness fitness, String reason, List<Running> runs) -> {
        ObjectNode tree =
            Json.object()
                .put("answer", "seen")
                .put("fitness", fitness.word())
                .put("reason", reason);
        ArrayNode list = tree.putArray("runs");
        runs.forEach(run ->
            list.addObject()
                .put("unsure", run.unsure())
                .set("account", AccountJson.tree(run.account())));
        yield Json.bytes(tree);
      }
    };
  }
}
