package io.millwright.agent.privileged;

import io.millwright.agent.launcher.LauncherCall;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The sources that ask the launcher, by the names of their lanes. */
public final class Privileged {
  private Privileged() {}

  /**
   * Those that the site wants.
   *
   * @param node value of the label {@code node}
   * @param root where {@code dev} and {@code sys} are, {@code /} but in tests
   * @param wanted whether the site wants a family
   * @param metered whether another source tells the power of the whole node
   * @param others the newest snapshot, where another scheduler gives the accelerators out, so that
   *     their owners are told; else empty
   * @param foreign is told who holds which device node where jobs have them; else empty
   * @param holders is told who holds which device node
   */
  public static Map<String, Function<CallWatch, Source>> sources(
      String node,
      Path root,
      Predicate<Metric> wanted,
      BooleanSupplier metered,
      Optional<Supplier<NodeSnapshot>> others,
      Optional<ForeignHolders> foreign,
      Holders holders,
      LauncherCall launcher) {
    Map<String, Function<CallWatch, Source>> sources = new LinkedHashMap<>();
    if (wanted.test(Metric.NODE_NVME_CRITICAL_WARNING)) {
      sources.put(
          "nvme", watch -> new PrivilegedSource(new NvmeHealth(node, root), launcher, watch));
    }
    if (wanted.test(Metric.NODE_CPU_ENERGY_JOULES_TOTAL)) {
      sources.put(
          "rapl", watch -> new PrivilegedSource(new ProcessorEnergy(node, root), launcher, watch));
    }
    sources.put(
        "dcmi", watch -> new PrivilegedSource(new NodePower(node, root, metered), launcher, watch));
    boolean counted = wanted.test(Metric.NODE_DEVICE_HOLDERS);
    if (counted || others.isPresent() || foreign.isPresent()) {
      sources.put(
          "holders",
          watch ->
              new PrivilegedSource(
                  new DeviceHolders(
                      node,
                      root,
                      counted,
                      others.map(snapshot -> new Owners(node, root, snapshot)),
                      foreign,
                      holders),
                  launcher,
                  watch));
    }
    return sources;
  }
}
