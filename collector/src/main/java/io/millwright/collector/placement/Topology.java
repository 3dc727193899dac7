package io.millwright.collector.placement;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How near the accelerators of a node are to each other.
 *
 * <p>A pair behind NVLink switches is as near as can be, and so is one at the same NUMA node; one
 * at different NUMA nodes is half as near, as NVIDIA's go-gpuallocator weighs it (10 for one across
 * processors, 20 for one of the same). A pair of which that is not told is as near as any.
 *
 * @param grouping which sets of its Neuron devices may be given at all
 */
public record Topology(Grouping grouping) {
  /** Of accelerators of which any set may be given. */
  public static final Topology FLAT = new Topology(Grouping.ANY);

  private static final double FAR = 0.5;

  /** From 0 for the farthest to 1 for the nearest. */
  static double score(DeviceView one, DeviceView other) {
    OptionalInt here = one.traits().numaNode();
    OptionalInt there = other.traits().numaNode();
    boolean switched = one.traits().switched() && other.traits().switched();
    return switched || here.isEmpty() || there.isEmpty() || here.equals(there) ? 1 : FAR;
  }

  /** Whether some are nearer to each other than others. */
  static boolean flat(List<DeviceView> devices) {
    return devices.stream().allMatch(device -> device.traits().switched()) || numa(devices) < 2;
  }

  /** Mean score of the pairs; 1 where there is none. */
  static double nearness(List<DeviceView> set) {
    if (set.size() < 2 || flat(set)) {
      return 1;
    }
    double far = 0;
    for (int i = 1; i < set.size(); i++) {
      for (int j = 0; j < i; j++) {
        far += score(set.get(i), set.get(j)) < 1 ? 1 : 0;
      }
    }
    return mean(far, set.size());
  }

  /** The nearness of the nearest set of this size, were all devices free. */
  static double nearest(List<DeviceView> all, int size) {
    if (size < 2 || flat(all)) {
      return 1;
    }
    Map<OptionalInt, Integer> sizes = new HashMap<>();
    all.forEach(device -> sizes.merge(device.traits().numaNode(), 1, Integer::sum));
    double far = pairs(size);
    int left = size;
    int anywhere = Math.min(left, sizes.getOrDefault(OptionalInt.empty(), 0));
    left -= anywhere;
    far -= pairs(anywhere) + (double) anywhere * left;
    sizes.remove(OptionalInt.empty());
    for (int node : sizes.values().stream().sorted(Comparator.reverseOrder()).toList()) {
      int taken = Math.min(left, node);
      far -= pairs(taken);
      left -= taken;
    }
    return mean(far, size);
  }

  /** How many NUMA nodes of the host they are at; those of which it is told. */
  static int numa(List<DeviceView> devices) {
    return told(devices).size();
  }

  /** The fewest at which so many can be. */
  static int fewestNuma(List<DeviceView> all, int size) {
    Map<OptionalInt, Integer> sizes = new HashMap<>();
    all.forEach(device -> sizes.merge(device.traits().numaNode(), 1, Integer::sum));
    int left = size;
    int nodes = 0;
    for (int node : sizes.values().stream().sorted(Comparator.reverseOrder()).toList()) {
      if (left > 0) {
        left -= node;
        nodes++;
      }
    }
    return nodes;
  }

  private static Set<Integer> told(List<DeviceView> devices) {
    return devices.stream()
        .flatMap(device -> device.traits().numaNode().stream().boxed())
        .collect(Collectors.toSet());
  }

  private static double mean(double far, int size) {
    return 1 - (1 - FAR) * far / pairs(size);
  }

  private static double pairs(int size) {
    return size * (size - 1) / 2.0;
  }
}
