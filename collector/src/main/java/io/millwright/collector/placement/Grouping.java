package io.millwright.collector.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which sets of a node's accelerators may be given to one process, by their numbers. Pure.
 *
 * <p>A collective that leaves its set would go over links of others, or over none: AWS's runtime
 * then fails (aws-neuron-sdk issue 110). The sizes are those of AWS's allocation rules for its
 * Kubernetes scheduler and DRA driver; those of {@link #PAIRS} are our own, for AWS publishes none:
 * the devices of Trainium3 are switched, and 2i and 2i+1 share a tray.
 */
public enum Grouping {
  /** Any set, as behind one switch. */
  ANY("any set") {
    @Override
    List<Integer> sizes(int devices) {
      return IntStream.rangeClosed(0, devices).boxed().toList();
    }

    @Override
    List<List<Integer>> groups(int size, int devices) {
      throw new IllegalStateException("any set: there are too many to be listed");
    }
  },

  /**
   * A ring in the order of the numbers, as on Inf2: neighbours. Not over its end, which nobody
   * knows while the last device is lost.
   */
  RING("a ring") {
    @Override
    List<Integer> sizes(int devices) {
      return IntStream.rangeClosed(0, devices).boxed().toList();
    }

    @Override
    List<List<Integer>> groups(int size, int devices) {
      return IntStream.rangeClosed(0, devices - size)
          .mapToObj(start -> IntStream.range(start, start + size).boxed().toList())
          .toList();
    }
  },

  /** A torus of four rows of four, 4r to 4r+3, as on Trn1 and Trn2: one, a row, two rows, all. */
  TORUS("a torus") {
    @Override
    List<Integer> sizes(int devices) {
      return upTo(devices, List.of(0, 1, 4, 8, 16));
    }

    @Override
    List<List<Integer>> groups(int size, int devices) {
      return aligned(size, devices);
    }
  },

  /** Pairs, and blocks of pairs, as on Trn3. */
  PAIRS("pairs") {
    @Override
    List<Integer> sizes(int devices) {
      return upTo(devices, List.of(0, 1, 2, 4, 8, 16));
    }

    @Override
    List<List<Integer>> groups(int size, int devices) {
      return aligned(size, devices);
    }
  };

  private final String shape;

  Grouping(String shape) {
    this.shape = shape;
  }

  /**
   * Of Neuron devices of this model on one node. Of a model that is not known the rule of the torus
   * holds, the strictest.
   */
  public static Grouping ofNeuron(String model) {
    return switch (model) {
      case "Inferentia", "Inferentia2" -> RING;
      case "Trainium3" -> PAIRS;
      default -> TORUS;
    };
  }

  /**
   * How many may be given at once, ascending.
   *
   * @param devices that the node has by their highest number
   */
  abstract List<Integer> sizes(int devices);

  /** All sets of this size, which must be an allowed one above 0, each in ascending order. */
  abstract List<List<Integer>> groups(int size, int devices);

  /** Why a node with so many devices never gives so many at once; empty where it may. */
  public Optional<String> refusal(int wanted, int devices) {
    List<Integer> sizes = sizes(devices);
    return sizes.contains(wanted)
        ? Optional.empty()
        : Optional.of(
            "devices.count: '%d' is refused; allowed of %s of %d are %s"
                .formatted(
                    wanted,
                    shape,
                    devices,
                    String.join(
                        ", ", sizes.stream().filter(s -> s > 0).map(String::valueOf).toList())));
  }

  private static List<Integer> upTo(int devices, List<Integer> sizes) {
    return sizes.stream().filter(size -> size <= devices).toList();
  }

  private static List<List<Integer>> aligned(int size, int devices) {
    List<List<Integer>> groups = new ArrayList<>();
    for (int start = 0; start + size <= devices; start += size) {
      groups.add(IntStream.range(start, start + size).boxed().toList());
    }
    return groups;
  }
}
