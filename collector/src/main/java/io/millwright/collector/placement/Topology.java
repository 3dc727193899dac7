package io.millwright.collector.placement;

import java.util.Map;

/**
 * How near the accelerators of a node are to each other.
 *
 * @param scores of pairs, from 0 for the farthest to 1 for the nearest; a pair that is not there is
 *     as near as any
 * @param grouping which sets of its Neuron devices may be given at all
 */
public record Topology(Map<Pair, Double> scores, Grouping grouping) {
  /** Every pair is as near as any other, as behind one NVSwitch. */
  public static final Topology FLAT = new Topology(Map.of(), Grouping.ANY);

  /** Two accelerators of one kind by their numbers, in either order. */
  public record Pair(int one, int other) {
    public Pair {
      if (one > other) {
        int first = other;
        other = one;
        one = first;
      }
    }
  }

  public Topology {
    scores = Map.copyOf(scores);
    for (double score : scores.values()) {
      if (!(score >= 0 && score <= 1)) {
        throw new IllegalArgumentException(
            "score of a pair: '%s' is refused; allowed is from 0 to 1".formatted(score));
      }
    }
  }

  /** Of accelerators of which any set may be given. */
  public Topology(Map<Pair, Double> scores) {
    this(scores, Grouping.ANY);
  }

  public boolean flat() {
    return scores.isEmpty();
  }

  public double score(DeviceView one, DeviceView other) {
    return flat() ? 1 : scores.getOrDefault(new Pair(one.index(), other.index()), 1.0);
  }
}
