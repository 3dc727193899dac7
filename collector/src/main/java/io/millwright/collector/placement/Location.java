package io.millwright.collector.placement;

import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a node stands among others.
 *
 * @param domain the UltraServer of Trainium, or the clique of an NVLink domain; its nodes are wired
 *     to each other
 * @param position number of the node in it
 * @param rack as the site names it
 */
public record Location(Optional<String> domain, OptionalInt position, Optional<String> rack) {
  /** Of a node of which nobody said it. */
  public static final Location UNKNOWN =
      new Location(Optional.empty(), OptionalInt.empty(), Optional.empty());

  /** Neighbours beside each other; what is not known comes last. */
  static final Comparator<Location> ORDER =
      Comparator.<Location, Boolean>comparing(location -> location.domain.isEmpty())
          .thenComparing(location -> location.domain.orElse(""))
          .thenComparingInt(location -> location.position.orElse(Integer.MAX_VALUE))
          .thenComparing(location -> location.rack.isEmpty())
          .thenComparing(location -> location.rack.orElse(""));
}
