package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
import java.util.Optional;

/** A {@link NodeEvent} as JSON; the body of EVENT, whose frame says the kind. */
public final class EventBody {
  private EventBody() {}

  /**
   * The event of this text; fields that a newer agent may send are ignored.
   *
   * @throws JsonMistake for what is no such body
   * @throws IllegalArgumentException for a field out of its bounds
   */
  public static NodeEvent of(String kind, byte[] text) {
    return of(kind, Fields.open("", Json.read("the event", text)));
  }

  /** The event of these fields, among which there may be others. */
  public static NodeEvent of(String kind, Fields fields) {
    return new NodeEvent(
        fields.plainText("boot_id"),
        kind,
        fields.word("severity", Severity::ofWord, "info, warning or fatal"),
        optional(fields, "device"),
        optional(fields, "accelerator"),
        optional(fields, "instance"),
        optional(fields, "code"),
        fields.whole("count"),
        fields.whole("first_ms"),
        fields.whole("last_ms"),
        Optional.of(optional(fields, "job")).filter(job -> !job.isEmpty()),
        fields.plainText("message"),
        fields.has("account") ? Optional.of(AccountJson.of(fields, "account")) : Optional.empty());
  }

  private static String optional(Fields fields, String name) {
    return fields.has(name) ? fields.plainText(name) : "";
  }

  public static byte[] json(NodeEvent event) {
    return Json.bytes(tree(event));
  }

  /** What is empty is left out, and so is the kind. */
  public static ObjectNode tree(NodeEvent event) {
    ObjectNode tree =
        Json.object().put("boot_id", event.bootId()).put("severity", event.severity().word());
    put(tree, "device", event.device());
    put(tree, "accelerator", event.accelerator());
    put(tree, "instance", event.instance());
    put(tree, "code", event.code());
    tree.put("count", event.count())
        .put("first_ms", event.firstMs())
        .put("last_ms", event.lastMs());
    event.job().ifPresent(job -> tree.put("job", job));
    event.account().ifPresent(account -> tree.set("account", AccountJson.tree(account)));
    return tree.put("message", event.message());
  }

  private static void put(ObjectNode tree, String name, String value) {
    if (!value.isEmpty()) {
      tree.put(name, value);
    }
  }
}
