package io.millwright.collector.acceptance;

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
  private static final List<String> NODE = List.of("node", "seen", "changed_ms", "pass");
  private static final List<String> PASS = List.of("equipment", "at_ms", "by", "evidence");
  private static final List<String> EQUIPMENT = List.of("chassis", "devices", "drivers");
  private static final List<String> DEVICE =
      List.of("slot", "vendor", "index", "model", "serial", "uuid", "firmware");

  private EquipmentJson() {}

  static String of(NodeAcceptance node) {
    ObjectNode tree = Json.object().put("node", node.node());
    tree.set("seen", tree(node.seen()));
    tree.put("changed_ms", node.changedMs());
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
    Fields fields =
        Fields.of(
            "", Json.read("the stored acceptance", text.getBytes(StandardCharsets.UTF_8)), NODE);
    Equipment seen = equipment(fields.object("seen", EQUIPMENT));
    return new NodeAcceptance(
        fields.text("node"),
        seen,
        fields.whole("changed_ms"),
        fields.has("pass")
            ? Optional.of(pass(fields.object("pass", PASS), seen))
            : Optional.empty());
  }

  /** What is the same is one instance, so that the two are compared at once. */
  private static Pass pass(Fields fields, Equipment seen) {
    Equipment equipment = equipment(fields.object("equipment", EQUIPMENT));
    return new Pass(
        equipment.equals(seen) ? seen : equipment,
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
