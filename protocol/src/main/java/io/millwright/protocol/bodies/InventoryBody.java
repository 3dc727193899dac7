package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What was last accepted of a node's equipment; the body of INVENTORY, and what the agent keeps.
 *
 * @param acceptedMs when, by the collector's wall clock; 0 where nothing is accepted
 * @param chassis serial number of the node's own chassis; empty where it was not told
 * @param devices accelerators; none where nothing is accepted
 */
public record InventoryBody(long acceptedMs, String chassis, List<Device> devices) {
  /** Nothing is accepted. */
  public static final InventoryBody NONE = new InventoryBody(0, "", List.of());

  /** The most accelerators of a node. */
  public static final int MOST_DEVICES = 128;

  private static final List<String> FIELDS = List.of("accepted_ms", "chassis", "devices");
  private static final List<String> DEVICE = List.of("vendor", "uuid", "serial");
  private static final Pattern WORD = Pattern.compile("[ -~&&[^\"\\\\]]{1,80}");
  private static final String ALLOWED = "1 to 80 printable ASCII characters, no quote or backslash";

  /**
   * One accelerator.
   *
   * @param vendor as the label {@code vendor} has it
   * @param serial empty where it was not told
   */
  public record Device(String vendor, String uuid, String serial) {
    public Device {
      require("devices.vendor", vendor);
      require("devices.uuid", uuid);
      requireOrNone("devices.serial", serial);
    }
  }

  public InventoryBody {
    devices = List.copyOf(devices);
    requireOrNone("chassis", chassis);
    if (devices.size() > MOST_DEVICES) {
      throw new JsonMistake(
          "devices: %d are refused; allowed are %d at most"
              .formatted(devices.size(), MOST_DEVICES));
    }
    if (acceptedMs < 0 || devices.isEmpty() != (acceptedMs == 0)) {
      throw JsonMistake.refused(
          "accepted_ms",
          Long.toString(acceptedMs),
          "a time from 1 with the devices that were accepted then, or 0 with none");
    }
  }

  private static void require(String field, String text) {
    if (!fits(text)) {
      throw JsonMistake.refused(field, Shown.quoted(text), ALLOWED);
    }
  }

  private static void requireOrNone(String field, String text) {
    if (!text.isEmpty()) {
      require(field, text);
    }
  }

  /** Whether a text may stand for a device or a chassis. */
  public static boolean fits(String text) {
    return WORD.matcher(text).matches();
  }

  /**
   * @throws JsonMistake for what is no such body
   */
  public static InventoryBody of(byte[] text) {
    Fields fields = Fields.of("", Json.read("the accepted inventory", text), FIELDS);
    return new InventoryBody(
        fields.whole("accepted_ms"),
        fields.text("chassis"),
        fields.objects("devices", DEVICE).stream()
            .map(one -> new Device(one.text("vendor"), one.text("uuid"), one.text("serial")))
            .toList());
  }

  public byte[] json() {
    ObjectNode tree = Json.object().put("accepted_ms", acceptedMs).put("chassis", chassis);
    ArrayNode list = tree.putArray("devices");
    for (Device device : devices) {
      list.addObject()
          .put("vendor", device.vendor())
          .put("uuid", device.uuid())
          .put("serial", device.serial());
    }
    return Json.bytes(tree);
  }
}
