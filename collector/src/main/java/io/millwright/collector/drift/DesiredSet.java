package io.millwright.collector.drift;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The versions that a site wants.
 *
 * @param name by which people know it, as in {@code 2026-11}
 */
public record DesiredSet(String name, List<Wanted> wanted) {
  /** The component under which the driver's version stands. */
  public static final String DRIVER = "driver";

  /**
   * What is wanted of accelerators of a product.
   *
   * @param sku the vendor's name of the product, as in {@code NVIDIA B200}
   * @param domain for those of this domain alone; goes before what is wanted of all
   * @param versions by component, the driver's under {@link #DRIVER}
   */
  public record Wanted(String sku, Optional<String> domain, Map<String, String> versions) {
    public Wanted {
      versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    }
  }

  public DesiredSet {
    wanted = List.copyOf(wanted);
  }

  /** The versions that are wanted of such an accelerator; none where nothing is said. */
  Map<String, String> of(String sku, Optional<String> domain) {
    Map<String, String> versions = new TreeMap<>();
    List<Wanted> own = new ArrayList<>();
    for (Wanted one : wanted) {
      if (one.sku().equals(sku)) {
        if (one.domain().isEmpty()) {
          versions.putAll(one.versions());
        } else if (one.domain().equals(domain)) {
          own.add(one);
        }
      }
    }
    own.forEach(one -> versions.putAll(one.versions()));
    return versions;
  }
}
