package io.millwright.collector.returns;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** How a return stands in the store. */
final class ReturnJson {
  private static final List<String> KNOWN =
      List.of(
          "id",
          "serial",
          "ticket",
          "reason",
          "by",
          "at_ms",
          "node",
          "left_ms",
          "seen_node",
          "seen_ms",
          "ended_ms");

  private ReturnJson() {}

  static String of(PartReturn one) {
    ObjectNode tree =
        Json.object()
            .put("id", one.id())
            .put("serial", one.serial())
            .put("ticket", one.ticket())
            .put("reason", one.reason())
            .put("by", one.by())
            .put("at_ms", one.atMs());
    one.node().ifPresent(node -> tree.put("node", node));
    one.leftMs().ifPresent(at -> tree.put("left_ms", at));
    one.seenNode().ifPresent(node -> tree.put("seen_node", node));
    one.seenMs().ifPresent(at -> tree.put("seen_ms", at));
    one.endedMs().ifPresent(at -> tree.put("ended_ms", at));
    return Json.text(tree);
  }

  static PartReturn read(String text) {
    Fields fields =
        Fields.of("", Json.read("the stored return", text.getBytes(StandardCharsets.UTF_8)), KNOWN);
    return new PartReturn(
        fields.text("id"),
        fields.text("serial"),
        fields.text("ticket"),
        fields.text("reason"),
        fields.text("by"),
        fields.whole("at_ms"),
        fields.optionalText("node"),
        fields.optionalLong("left_ms"),
        fields.optionalText("seen_node"),
        fields.optionalLong("seen_ms"),
        fields.optionalLong("ended_ms"));
  }
}
