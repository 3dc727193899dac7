package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An operator's wish to hold a node's accelerators to a power limit; the body of {@code POST
 * /v1/nodes/{node}/power}: <code>{"watts":600}</code> or <code>{"watts":"default"}</code>.
 *
 * @param watts of each accelerator; empty for its own default
 * @param devices UUIDs; none for all of the node
 */
public record PowerRequest(OptionalInt watts, List<String> devices) {
  /** The word that takes a cap away. */
  public static final String DEFAULT = "default";

  private static final List<String> FIELDS = List.of("watts", "devices");
  private static final int MOST_WATTS = 100_000;
  private static final int MOST_DEVICES = 64;
  private static final String WATTS = "a number of watts, 1 to 100000, or 'default'";

  public PowerRequest {
    devices = List.copyOf(devices);
    if (watts.isPresent() && (watts.getAsInt() < 1 || watts.getAsInt() > MOST_WATTS)) {
      throw JsonMistake.refused("watts", Integer.toString(watts.getAsInt()), WATTS);
    }
    if (devices.size() > MOST_DEVICES || new HashSet<>(devices).size() != devices.size()) {
      throw new JsonMistake(
          "devices: %d are refused; allowed are up to %d, each once"
              .formatted(devices.size(), MOST_DEVICES));
    }
    for (String device : devices) {
      if (!device.matches("[A-Za-z0-9-]{1,80}")) {
        throw JsonMistake.refused("devices", Shown.quoted(device), "the UUID of an accelerator");
      }
    }
  }

  /**
   * @throws JsonMistake for what is no such wish
   */
  public static PowerRequest of(byte[] text) {
    var tree = Json.read("the request", text);
    Fields fields = Fields.of("", tree, FIELDS);
    boolean word = fields.has("watts") && tree.path("watts").isTextual();
    OptionalInt watts =
        word
            ? fields.word("watts", PowerRequest::standard, WATTS)
            : OptionalInt.of(fields.wholeInt("watts"));
    return new PowerRequest(watts, fields.has("devices") ? fields.texts("devices") : List.of());
  }

  private static Optional<OptionalInt> standard(String word) {
    return word.equals(DEFAULT) ? Optional.of(OptionalInt.empty()) : Optional.empty();
  }

  public byte[] json() {
    ObjectNode tree = Json.object();
    if (watts.isPresent()) {
      tree.put("watts", watts.getAsInt());
    } else {
      tree.put("watts", DEFAULT);
    }
    if (!devices.isEmpty()) {
      ArrayNode list = tree.putArray("devices");
      devices.forEach(list::add);
    }
    return Json.bytes(tree);
  }
}
