package io.millwright.collector.scheduler;

import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A node of which the scheduler was told that it is out.
 *
 * @param incident for which it was told
 * @param dry whether it was only said and written down
 */
record Withdrawn(String node, String incident, long atMs, boolean dry) {
  String json() {
    return Json.text(
        Json.object()
            .put("node", node)
            .put("incident", incident)
            .put("at_ms", atMs)
            .put("dry", dry));
  }

  static Withdrawn of(String text) {
    Fields fields =
        Fields.of(
            "",
            Json.read("the stored node", text.getBytes(StandardCharsets.UTF_8)),
            List.of("node", "incident", "at_ms", "dry"));
    return new Withdrawn(
        fields.text("node"), fields.text("incident"), fields.whole("at_ms"), fields.flag("dry"));
  }
}
