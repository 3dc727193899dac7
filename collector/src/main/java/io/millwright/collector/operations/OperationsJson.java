package io.millwright.collector.operations;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** How the operations stand in the store. */
final class OperationsJson {
  private OperationsJson() {}

  static String of(Order order) {
    ObjectNode tree =
        Json.object()
            .put("node", order.node())
            .put("kind", order.kind().word())
            .put("by", order.by())
            .put("reason", order.reason())
            .put("at_ms", order.atMs());
    put(tree, "deadline_ms", order.deadlineMs());
    return Json.text(tree);
  }

  static Order order(String text) {
    Fields fields = fields(text, List.of("node", "kind", "by", "reason", "at_ms", "deadline_ms"));
    return new Order(
        fields.text("node"),
        fields.word(
            "kind", word -> constant(Order.Kind.values(), Order.Kind::word, word), "a kind"),
        fields.text("by"),
        fields.text("reason"),
        fields.whole("at_ms"),
        fields.optionalLong("deadline_ms"));
  }

  static String of(Window window) {
    ObjectNode tree =
        Json.object()
            .put("id", window.id())
            .put("area", window.area().kind().word())
            .put("name", window.area().name())
            .put("owner", window.owner())
            .put("reason", window.reason())
            .put("start_ms", window.startMs())
            .put("end_ms", window.endMs())
            .put("by", window.by());
    put(tree, "drain_ahead_ms", window.drainAheadMs());
    put(tree, "ended_ms", window.endedMs());
    return Json.text(tree);
  }

  static Window window(String text) {
    Fields fields =
        fields(
            text,
            List.of(
                "id",
                "area",
                "name",
                "owner",
                "reason",
                "start_ms",
                "end_ms",
                "by",
                "drain_ahead_ms",
                "ended_ms"));
    return new Window(
        fields.text("id"),
        new Area(fields.word("area", Area.Kind::ofWord, "an area"), fields.text("name")),
        fields.text("owner"),
        fields.text("reason"),
        fields.whole("start_ms"),
        fields.whole("end_ms"),
        fields.optionalLong("drain_ahead_ms"),
        fields.text("by"),
        fields.optionalLong("ended_ms"));
  }

  static String of(ManualOverride override) {
    ObjectNode tree =
        Json.object()
            .put("id", override.id())
            .put("node", override.node())
            .put("since_ms", override.sinceMs())
            .put("until_ms", override.untilMs())
            .put("reason", override.reason())
            .put("by", override.by());
    override.rule().ifPresent(rule -> tree.put("rule", rule));
    put(tree, "ended_ms", override.endedMs());
    return Json.text(tree);
  }

  static ManualOverride override(String text) {
    Fields fields =
        fields(
            text,
            List.of("id", "node", "rule", "since_ms", "until_ms", "reason", "by", "ended_ms"));
    return new ManualOverride(
        fields.text("id"),
        fields.text("node"),
        fields.optionalText("rule"),
        fields.whole("since_ms"),
        fields.whole("until_ms"),
        fields.text("reason"),
        fields.text("by"),
        fields.optionalLong("ended_ms"));
  }

  static String of(Act act) {
    ObjectNode tree =
        Json.object()
            .put("id", act.id())
            .put("node", act.node())
            .put("rule", act.rule())
            .put("observed", act.observed())
            .put("action", act.action().word())
            .put("dry", act.dry())
            .put("stage", act.stage().word())
            .put("why", act.why())
            .put("evidence", act.evidence())
            .put("seen_ms", act.seenMs());
    act.device().ifPresent(uuid -> tree.put("device", uuid));
    put(tree, "due_ms", act.dueMs());
    put(tree, "done_ms", act.doneMs());
    put(tree, "deadline_ms", act.deadlineMs());
    put(tree, "ended_ms", act.endedMs());
    return Json.text(tree);
  }

  static Act act(String text) {
    Fields fields =
        fields(
            text,
            List.of(
                "id",
                "node",
                "device",
                "rule",
                "observed",
                "action",
                "dry",
                "stage",
                "why",
                "evidence",
                "seen_ms",
                "due_ms",
                "done_ms",
                "deadline_ms",
                "ended_ms"));
    return new Act(
        fields.whole("id"),
        fields.text("node"),
        fields.optionalText("device"),
        fields.text("rule"),
        fields.text("observed"),
        fields.word("action", Action::ofWord, "an action"),
        fields.flag("dry"),
        fields.word("stage", Stage::ofWord, "a stage"),
        fields.text("why"),
        fields.text("evidence"),
        fields.whole("seen_ms"),
        fields.optionalLong("due_ms"),
        fields.optionalLong("done_ms"),
        fields.optionalLong("deadline_ms"),
        fields.optionalLong("ended_ms"),
        OptionalLong.empty(),
        false);
  }

  private static Fields fields(String text, List<String> known) {
    return Fields.of(
        "", Json.read("the stored operation", text.getBytes(StandardCharsets.UTF_8)), known);
  }

  private static void put(ObjectNode tree, String name, OptionalLong value) {
    value.ifPresent(there -> tree.put(name, there));
  }

  private static <T> Optional<T> constant(T[] all, Function<T, String> word, String given) {
    for (T one : all) {
      if (word.apply(one).toLowerCase(Locale.ROOT).equals(given)) {
        return Optional.of(one);
      }
    }
    return Optional.empty();
  }
}
