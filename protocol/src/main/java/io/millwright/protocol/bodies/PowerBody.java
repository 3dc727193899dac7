package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What came of an order to hold accelerators to a power limit; the body of POWER_CAPPED.
 *
 * @param refusal why nothing was done, in one sentence; empty where each device has its own answer
 */
public record PowerBody(Optional<String> refusal, List<Cap> caps) {
  private static final List<String> FIELDS = List.of("refusal", "devices");
  private static final List<String> CAP =
      List.of("device", "result", "set_milliwatts", "in_force_milliwatts");
  private static final int MOST_DEVICES = 64;
  private static final int LONGEST_TEXT = 400;

  /**
   * What came of one device's.
   *
   * @param device its UUID
   * @param result a word, or a word and a reason behind a colon: {@code docs/power.md}
   * @param setMilliwatts what the driver was told; empty where it was told nothing
   * @param inForceMilliwatts as read back; empty where it could not be read
   */
  public record Cap(
      String device, String result, OptionalLong setMilliwatts, OptionalLong inForceMilliwatts) {
    public Cap {
      device = shortened(device);
      result = shortened(result);
    }
  }

  public PowerBody {
    refusal = refusal.map(PowerBody::shortened);
    caps = List.copyOf(caps);
    if (caps.size() > MOST_DEVICES) {
      throw new JsonMistake(
          "devices: %d are refused; allowed are %d at most".formatted(caps.size(), MOST_DEVICES));
    }
  }

  /** Nothing was done. */
  public static PowerBody refused(String sentence) {
    return new PowerBody(Optional.of(sentence), List.of());
  }

  /**
   * @throws JsonMistake for what is no such body
   */
  public static PowerBody of(byte[] text) {
    Fields fields = Fields.of("", Json.read("the power body", text), FIELDS);
    return new PowerBody(
        fields.has("refusal") ? Optional.of(fields.plainText("refusal")) : Optional.empty(),
        fields.objects("devices", CAP).stream()
            .map(cap ->
                new Cap(
                    cap.plainText("device"),
                    cap.plainText("result"),
                    cap.optionalLong("set_milliwatts"),
                    cap.optionalLong("in_force_milliwatts")))
            .toList());
  }

  public byte[] json() {
    ObjectNode tree = Json.object();
    refusal.ifPresent(why -> tree.put("refusal", why));
    ArrayNode devices = tree.putArray("devices");
    for (Cap cap : caps) {
      ObjectNode one = devices.addObject().put("device", cap.device()).put("result", cap.result());
      cap.setMilliwatts().ifPresent(set -> one.put("set_milliwatts", set));
      cap.inForceMilliwatts().ifPresent(inForce -> one.put("in_force_milliwatts", inForce));
    }
    return Json.bytes(tree);
  }

  /** Texts of drivers and files: bounded, on one line. */
  private static String shortened(String text) {
    String line = text.replaceAll("\\p{Cc}", "?");
    return line.substring(0, Math.min(line.length(), LONGEST_TEXT));
  }
}
