package io.millwright.agent.scheduler;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.util.List;
import java.util.OptionalInt;

/** What is asked at the door, one JSON object each; an unknown field is an error. */
public sealed interface Ask {
  /** The field of a run's number. */
  String RUN = "run";

  /**
   * A job begins on this node.
   *
   * @param job its name here, as in {@code slurm-1234}
   * @param run from 1; one more each time that its scheduler begins it anew
   * @param user who it runs as; empty where that is not known
   * @param project empty where nobody said
   * @param devices minor numbers of its accelerators, as in {@code 0} of {@code /dev/nvidia0}
   * @param anyway whether it begins even on a device that is not fit
   */
  record Begin(
      String job,
      int run,
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

  /**
   * A job has ended on this node.
   *
   * @param run which of it; empty where who asks does not know, and the newest is meant
   */
  record End(String job, OptionalInt run) implements Ask {}

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
                text,
                List.of("ask", "job", "run", "scheduler", "user", "project", "devices", "anyway"));
        yield new Begin(
            fields.plainText("job"),
            run(fields),
            fields.plainText("scheduler"),
            fields.plainText("user"),
            fields.plainText("project"),
            fields.texts("devices"),
            fields.flag("anyway"));
      }
      case "end" -> {
        Fields fields = strict(text, List.of("ask", "job", "run"));
        yield new End(fields.plainText("job"), fields.optionalInt(RUN));
      }
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

  /** Left out, it is the first: so an agent of before understands most. */
  private static int run(Fields fields) {
    return fields.has(RUN) ? fields.wholeInt(RUN) : 1;
  }

  private static ObjectNode named(String verb, String job) {
    return Json.object().put("ask", verb).put("job", job);
  }

  private static Fields strict(byte[] text, List<String> known) {
    return Fields.of("", Json.read("the question", text), known);
  }

  /** As {@link #of} reads it. */
  default byte[] json() {
    return switch (this) {
      case Begin(
              String job,
              int run,
              String scheduler,
              String user,
              String project,
              List<String> devices,
              boolean anyway) -> {
        ObjectNode tree =
            named("begin", job)
                .put("scheduler", scheduler)
                .put("user", user)
                .put("project", project)
                .put("anyway", anyway);
        ArrayNode list = tree.putArray("devices");
        devices.forEach(list::add);
        yield Json.bytes(run == 1 ? tree : tree.put(RUN, run));
      }
      case End(String job, OptionalInt run) -> {
        ObjectNode tree = named("end", job);
        run.ifPresent(number -> tree.put(RUN, number));
        yield Json.bytes(tree);
      }
      case Look() -> Json.bytes(Json.object().put("ask", "look"));
    };
  }
}
