package io.millwright.agent.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the program that sets power limits is to do, as the launcher writes it down for it.
 *
 * @param id of this order alone; given back with the answer
 * @param library NVML, as the policy names it
 * @param milliwatts for each device; empty for the device's own default
 */
public record PowerOrder(String id, String library, List<String> devices, OptionalLong milliwatts) {
  private static final String FILE = "order";

  public PowerOrder {
    devices = List.copyOf(devices);
  }

  /** Whole and on the disk, or not at all. */
  public void write(Path directory) throws IOException {
    new Facts(
            Map.of(
                "id",
                id,
                "library",
                library,
                "devices",
                String.join(",", devices),
                "milliwatts",
                milliwatts.isPresent() ? Long.toString(milliwatts.getAsLong()) : ""))
        .write(directory.resolve(FILE));
  }

  /** The newest that was written there. */
  public static Optional<PowerOrder> read(Path directory) throws IOException {
    return Facts.read(directory.resolve(FILE)).flatMap(PowerOrder::of);
  }

  private static Optional<PowerOrder> of(Facts facts) {
    Optional<String> id = facts.text("id");
    Optional<String> library = facts.text("library");
    Optional<String> devices = facts.text("devices");
    return id.isPresent() && library.isPresent() && devices.isPresent()
        ? Optional.of(
            new PowerOrder(
                id.get(),
                library.get(),
                List.of(devices.get().split(",", -1)),
                facts.number("milliwatts")))
        : Optional.empty();
  }
}
