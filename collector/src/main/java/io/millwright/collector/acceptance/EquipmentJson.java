package io.millwright.collector.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How the acceptance of a node stands in the store. */
final class EquipmentJson {
  private static final List<String> NODE =
      List.of("node", "seen", "changed_ms", "after", "pass", "failed");
  private static final List<String> PASS = List.of("equipment", "at_ms", "by", "evidence");
  private static final List<String> FAILED = List.of("order", "at_ms", "words");
  private static final List<String> EQUIPMENT = List.of("chassis", "devices", "drivers");
  private static final List<String> DEVICE =
      List.of("slot", "vendor", "index", "model", "serial", "uuid", "firmware");

  private EquipmentJson() {}

  static String of(NodeAcceptance node) {
    ObjectNode tree = Json.object().put("node", node.node());
    tree.set("seen", tree(node.seen()));
    tree.put("changed_ms", node.changedMs());
    tree.put("after", node.after());
    node.failed()
        .ifPresent(run ->
            tree.putObject("failed")
                .put("order", run.order())
                .put("at_ms", run.atMs())
                .put("words", run.words()));
    node.pass()
        .ifPresent(pass ->
            tree.putObject("pass")
                .put("at_ms", pass.atMs())
                .put("by", pass.by())
                .put("evidence", pass.evidence())
                .set("equipment", tree(pass.equipment())));
    return Json.text(tree);
  }

  private static ObjectNode tree(Equipment equipment) {
    ObjectNode tree = Json.object();
    put(tree.putObject("chassis"), equipment.chassis());
    put(tree.putObject("drivers"), equipment.drivers());
    var devices = tree.putArray("devices");
    equipment
        .devices()
        .forEach((slot, device) ->
            put(
                devices
                    .addObject()
                    .put("slot", slot)
                    .put("vendor", device.vendor())
                    .put("index", device.index())
                    .put("model", device.model())
                    .put("serial", device.serial())
                    .put("uuid", device.uuid())
                    .putObject("firmware"),
                device.firmware()));
    return tree;
  }

  private static void put(ObjectNode tree, Map<String, String> values) {
    values.forEach(tree::put);
  }

  static NodeAcceptance node(String text) {
    JsonNode tree = Json.read("the stored acceptance", text.getBytes(StandardCharsets.UTF_8));
    Fields fields = Fields.of("", tree, NODE);
    Equipment seen = equipment(fields.object("seen", EQUIPMENT));
    boolean passed = tree.path("seen").equals(tree.path("pass").path("equipment"));
    return new NodeAcceptance(
        fields.text("node"),
        seen,
        fields.whole("changed_ms"),
        fields.has("after") ? fields.text("after") : before(fields.whole("changed_ms")),
        fields.has("pass")
            ? Optional.of(
                pass(fields.object("pass", PASS), passed ? Optional.of(seen) : Optional.empty()))
            : Optional.empty(),
        fields.has("failed")
            ? Optional.of(failed(fields.object("failed", FAILED)))
            : Optional.empty());
  }

  /** Of one that an older collector kept: its orders were numbered by the wall clock. */
  private static String before(long changedMs) {
    return "%015d".formatted(Math.max(0, changedMs - 1));
  }

  private static TestSource.Run failed(Fields fields) {
    return new TestSource.Run(
        fields.text("order"),
        fields.whole("at_ms"),
        TestSource.Result.FAILED,
        fields.text("words"));
  }

  /**
   * What is the same is one instance, so that the two are compared at once, and read once: a
   * collector of ten thousand nodes reads all of them before it answers.
   */
  private static Pass pass(Fields fields, Optional<Equipment> same) {
    return new Pass(
        same.orElseGet(() -> equipment(fields.object("equipment", EQUIPMENT))),
        fields.whole("at_ms"),
        fields.text("by"),
        fields.text("evidence"));
  }

  private static Equipment equipment(Fields fields) {
    TreeMap<String, Device> devices = new TreeMap<>();
    for (Fields device : fields.objects("devices", DEVICE)) {
      devices.put(
          device.text("slot"),
          new Device(
              device.text("vendor"),
              device.text("index"),
              device.text("model"),
              device.text("serial"),
              device.text("uuid"),
              new TreeMap<>(device.textMap("firmware"))));
    }
    return new Equipment(
        new TreeMap<>(fields.textMap("chassis")),
        devices,
        new TreeMap<>(fields.textMap("drivers")));
  }
}
