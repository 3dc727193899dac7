package io.millwright.collector.drift;

import java.util.Locale;
import java.util.Optional;

/**
 * An accelerator with another version than it should have, or than its like have.
 *
 * @param wanted empty where no version has the majority
 * @param having accelerators that have the wanted version, of all that were compared; both 0
 *     against the desired set
 */
public record Difference(
    String node,
    String index,
    String slot,
    String uuid,
    String sku,
    Optional<String> domain,
    String component,
    String actual,
    Optional<String> wanted,
    Against against,
    int having,
    int compared) {

  /** What it was compared with. */
  public enum Against {
    /** What the site wants. */
    DESIRED,
    /** All of its SKU. */
    FLEET,
    /** Those of its SKU in its domain. */
    DOMAIN;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
