package io.millwright.drivers.nvml;

import java.util.List;
import java.util.OptionalInt;

/**
 * How many NVLinks a product has wired, by the name that its driver gives it. A product with a
 * bridge that a site may or may not have plugged (NVL, PCIe boards) has no entry: nothing is
 * expected of it. How many C2C links a Grace module has is not established here.
 *
 * @param product the whole name, or what it begins with before a space or a dash
 */
record LinkProfile(String product, int nvlinks) {
  private static final List<LinkProfile> PROFILES =
      List.of(
          new LinkProfile("NVIDIA B200", 18),
          new LinkProfile("NVIDIA B300 SXM6", 18),
          new LinkProfile("NVIDIA GB200", 18),
          new LinkProfile("NVIDIA GB300", 18),
          new LinkProfile("NVIDIA H100 80GB HBM3", 18),
          new LinkProfile("NVIDIA H200", 18),
          new LinkProfile("NVIDIA A100-SXM4", 12));

  /** Bridged boards whose names begin like those of a module. */
  private static final List<String> BRIDGED = List.of("NVIDIA H200 NVL", "NVIDIA GB200 NVL");

  /** The NVLinks to expect up; empty where no profile is known. */
  static OptionalInt nvlinks(String model) {
    if (BRIDGED.stream().anyMatch(model::startsWith)) {
      return OptionalInt.empty();
    }
    return PROFILES.stream()
        .filter(profile -> profile.names(model))
        .mapToInt(LinkProfile::nvlinks)
        .findFirst();
  }

  private boolean names(String model) {
    return model.equals(product)
        || model.startsWith(product + " ")
        || model.startsWith(product + "-");
  }
}
