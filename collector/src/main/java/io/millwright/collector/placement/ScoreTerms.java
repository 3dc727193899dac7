package io.millwright.collector.placement;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Why one choice is better than another. What was not told of a device counts {@value #UNTOLD}:
 * neither for it nor against it.
 */
final class ScoreTerms {
  static final List<ScoreTerm> ALL =
      List.of(
          new Weighed("topology", 0.30, ScoreTerms::topology),
          new Weighed("leftover", 0.20, ScoreTerms::leftover),
          new Weighed("affinity", 0.15, ScoreTerms::affinity),
          new Weighed("health", 0.15, offer -> mean(offer, Traits::healthTenths)),
          new Weighed("headroom", 0.10, offer -> mean(offer, Traits::headroomTenths)));

  private static final double UNTOLD = 0.5;

  private ScoreTerms() {}

  private record Weighed(String name, double weight, ToDoubleFunction<Offer> rule)
      implements ScoreTerm {
    @Override
    public double value(Offer offer) {
      return rule.applyAsDouble(offer);
    }
  }

  /** Mean over the pairs of what was chosen, against the best that the node could have given. */
  private static double topology(Offer offer) {
    List<DeviceView> chosen = offer.chosen();
    double best = Topology.nearest(offer.candidate().all(), chosen.size());
    return Math.min(1, Topology.nearness(chosen) / best);
  }

  /** The fewer stay free the better: whole nodes stay whole for those who need them. */
  private static double leftover(Offer offer) {
    return 1.0 / (1 + offer.leftover());
  }

  /** Of a job that talks to other nodes the adapters are the other half. */
  private static double affinity(Offer offer) {
    double host = host(offer);
    return offer.candidate().needs().adapters()
        ? (host + mean(offer, Traits::adapterTenths)) / 2
        : host;
  }

  /** The fewest NUMA nodes that so many could be at, against those that they are at. */
  private static double host(Offer offer) {
    List<DeviceView> chosen = offer.chosen();
    if (chosen.isEmpty()) {
      return 1;
    }
    boolean told = chosen.stream().allMatch(device -> device.traits().numaNode().isPresent());
    return told
        ? (double) Topology.fewestNuma(offer.candidate().all(), chosen.size())
            / Topology.numa(chosen)
        : UNTOLD;
  }

  private static double mean(Offer offer, Function<Traits, OptionalInt> tenths) {
    return offer.chosen().stream()
        .map(device -> tenths.apply(device.traits()))
        .mapToDouble(told -> told.isPresent() ? told.getAsInt() / 10.0 : UNTOLD)
        .average()
        .orElse(1);
  }
}
