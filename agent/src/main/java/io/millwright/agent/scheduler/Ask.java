package io.millwright.agent.scheduler;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.util.List;

/** What is asked at the door, one JSON object each; an unknown field is an error. */
public sealed interface Ask {

  /**
   * A job begins on this node.
   *
   * @param job its name here, as in {@code slurm-1234}
   * @param user who it runs as; empty where that is not known
   * @param project empty where nobody said
   * @param devices minor numbers of its accelerators, as in {@code 0} of {@code /dev/nvidia0}
   * @param anyway whether it begins even on a device that is not fit
   */
  record Begin(
      String job,
      String scheduler,
      String user,
      String project,
      List<String> devices,
      boolean anyway)
      implements Ask {
    public Begin {
      devices = List.copyOf(devices);
    }
  }

  /** A job has ended on this node. */
  record End(String job) implements Ask {}

  /** How is the node, and what runs on it? */
  record Look() implements Ask {}

  /**
   * @throws IllegalArgumentException with one sentence for what is no question
   */
  static Ask of(byte[] text) {
    Fields open = Fields.open("", Json.read("the question", text));
    String verb = open.text("ask");
    return switch (verb) {
      case "begin" -> {
        Fields fields =
            strict(
                text, List.of("ask", "job", "scheduler", "user", "project", "devices", "anyway"));
        yield new Begin(
            fields.plainText("job"),
            fields.plainText("scheduler"),
            fields.plainText("user"),
            fields.plainText("project"),
            fields.texts("devices"),
            fields.flag("anyway"));
      }
      case "end" -> new End(strict(text, List.of("ask", "job")).plainText("job"));
      case "look" -> {
        strict(text, List.of("ask"));
        yield new Look();
      }
      default ->
          throw new IllegalArgumentException(
              "ask: '%s' is refused; allowed is begin, end or look"
                  .formatted(verb.replaceAll("\\p{Cntrl}", "?")));
    };
  }

  private static Fields strict(byte[] text, List<String> known) {
    return Fields.of("", Json.read("the question", text), known);
  }

  /** As {@link #of} reads it. */
  default byte[] json() {
    return switch (this) {
      case Begin(
              String job,
              String scheduler,
              String user,
              String project,
              List<String> devices,
              boolean anyway) -> {
        ObjectNode tree =
            Json.object()
                .put("ask", "begin")
                .put("job", job)
                .put("scheduler", scheduler)
                .put("user", user)
                .put("project", project)
                .put("anyway", anyway);
        ArrayNode list = tree.putArray("devices");
        devices.forEach(list::add);
        yield Json.bytes(tree);
      }
      case End(String job) -> Json.bytes(Json.object().put("ask", "end").put("job", job));
      case Look() -> Json.bytes(Json.object().put("ask", "look"));
    };
  }
}
