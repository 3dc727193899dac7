package io.millwright.collector.incidents;

import java.util.Optional;

/**
 * What something stands against: a node itself, or one of its devices.
 *
 * @param index number of the device on the node, when it was seen last
 * @param uuid empty for the node itself
 * @param serial of the device; some have none
 */
public record Suspect(
    String node, Optional<String> index, Optional<String> uuid, Optional<String> serial) {

  /** A node itself. */
  public static Suspect node(String node) {
    return new Suspect(node, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** By what it is known again in another slot: its serial number, else its UUID, else its node. */
  public String identity() {
    return serial.or(() -> uuid).orElse(node);
  }

  public boolean isDevice() {
    return uuid.isPresent();
  }

  /** As in {@code accelerator 3 of n4 (serial 165…)}. */
  public String text() {
    return uuid.map(id ->
            "accelerator %s of %s (%s)"
                .formatted(
                    index.orElse("?"), node, serial.map(number -> "serial " + number).orElse(id)))
        .orElse("node " + node);
  }
}
