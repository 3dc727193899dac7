package io.millwright.collector.drift;

import io.millwright.collector.acceptance.Device;
import io.millwright.collector.acceptance.Equipment;
import io.millwright.collector.drift.Difference.Against;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Compares accelerators with what is wanted, and where nothing is wanted with their like: those of
 * the same SKU in the fleet and in a domain. What is not told is compared with nothing. Pure.
 */
final class Drift {
  private static final Comparator<Difference> ORDER =
      Comparator.comparing(Difference::node)
          .thenComparing(Difference::slot)
          .thenComparing(Difference::component)
          .thenComparing(Difference::against);

  private final Function<String, Optional<String>> domains;
  private final Optional<DesiredSet> desired;
  private final List<Difference> found = new ArrayList<>();
  private final Map<Kind, Map<String, String>> wanted = new HashMap<>();

  /** Those that should be equal, in the order in which they were met. */
  private final Map<List<String>, List<Version>> alike = new LinkedHashMap<>();

  /** Accelerators of which the same is wanted. */
  private record Kind(String sku, Optional<String> domain) {}

  /** One component of one accelerator. */
  private record Version(
      String node,
      String slot,
      Device device,
      Optional<String> domain,
      String component,
      String is) {
    Difference differs(Optional<String> wanted, Against against, int having, int compared) {
      return new Difference(
          node,
          device.index(),
          slot,
          device.uuid(),
          device.model(),
          domain,
          component,
          is,
          wanted,
          against,
          having,
          compared);
    }
  }

  private Drift(Function<String, Optional<String>> domains, Optional<DesiredSet> desired) {
    this.domains = domains;
    this.desired = desired;
  }

  /**
   * All differences, by node.
   *
   * @param equipment by node
   * @param domains the NVLink domain or UltraServer of a node, where it is known
   */
  static List<Difference> of(
      Map<String, Equipment> equipment,
      Function<String, Optional<String>> domains,
      Optional<DesiredSet> desired) {
    Drift drift = new Drift(domains, desired);
    equipment.forEach(drift::take);
    drift.alike.forEach(drift::compare);
    drift.found.sort(ORDER);
    return List.copyOf(drift.found);
  }

  private void take(String node, Equipment equipment) {
    Optional<String> domain = domains.apply(node);
    equipment
        .devices()
        .forEach((slot, device) -> {
          Map<String, String> asked =
              wanted.computeIfAbsent(new Kind(device.model(), domain), this::wanted);
          Map<String, String> versions = new TreeMap<>(device.firmware());
          String driver = equipment.drivers().get(device.vendor());
          if (driver != null) {
            versions.put(DesiredSet.DRIVER, driver);
          }
          versions.forEach((component, is) ->
              take(new Version(node, slot, device, domain, component, is), asked.get(component)));
        });
  }

  private Map<String, String> wanted(Kind kind) {
    return desired.map(set -> set.of(kind.sku(), kind.domain())).orElse(Map.of());
  }

  private void take(Version version, @Nullable String wanted) {
    if (wanted != null) {
      if (!wanted.equals(version.is())) {
        found.add(version.differs(Optional.of(wanted), Against.DESIRED, 0, 0));
      }
      return;
    }
    String sku = version.device().model();
    add(List.of(Against.FLEET.word(), sku, version.component()), version);
    version
        .domain()
        .ifPresent(domain ->
            add(List.of(Against.DOMAIN.word(), sku, version.component(), domain), version));
  }

  private void add(List<String> group, Version version) {
    alike.computeIfAbsent(group, first -> new ArrayList<>()).add(version);
  }

  private void compare(List<String> group, List<Version> versions) {
    Map<String, Integer> counts = new TreeMap<>();
    versions.forEach(version -> counts.merge(version.is(), 1, Integer::sum));
    if (counts.size() == 1) {
      return;
    }
    Against against = group.size() == 3 ? Against.FLEET : Against.DOMAIN;
    Optional<String> majority =
        counts.entrySet().stream()
            .filter(count -> 2 * count.getValue() > versions.size())
            .map(Map.Entry::getKey)
            .findFirst();
    int having = majority.map(counts::get).orElse(0);
    for (Version version : versions) {
      if (!majority.equals(Optional.of(version.is()))) {
        found.add(version.differs(majority, against, having, versions.size()));
      }
    }
  }
}
