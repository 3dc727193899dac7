package io.millwright.collector.placement;

import java.util.Comparator;

/** A node that a job may have, and how good it is. */
interface Ranked {
  /** The best first; of equal ones the first by name. */
  Comparator<Ranked> BEST_FIRST =
      Comparator.comparingDouble(Ranked::score).reversed().thenComparing(Ranked::name);

  String name();

  double score();

  Location location();
}
