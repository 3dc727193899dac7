package io.millwright.agent.launcher;

import java.io.IOException;
import java.nio.file.Files;
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
 * @param untilMs epoch milliseconds; no device is told anything later, as the policy may be another
 *     one by then
 */
public record PowerOrder(
    String id, String library, List<String> devices, OptionalLong milliwatts, long untilMs) {
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
                milliwatts.isPresent() ? Long.toString(milliwatts.getAsLong()) : "",
                "until",
                Long.toString(untilMs)))
        .write(directory.resolve(FILE));
  }

  /** Takes the newest that was written there away: it is carried out once, or never. */
  public static Optional<PowerOrder> take(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    Optional<PowerOrder> order = Facts.read(file).flatMap(PowerOrder::of);
    Files.deleteIfExists(file);
    return order;
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
                facts.number("milliwatts"),
                facts.number("until").orElse(0)))
        : Optional.empty();
  }
}
