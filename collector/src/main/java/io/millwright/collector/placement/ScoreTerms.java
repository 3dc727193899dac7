package io.millwright.collector.placement;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The terms that are filled so far. */
final class ScoreTerms {
  static final List<ScoreTerm> ALL =
      List.of(
          new Weighed("topology", 0.30, ScoreTerms::topology),
          new Weighed("leftover", 0.20, ScoreTerms::leftover));

  private ScoreTerms() {}

  private record Weighed(String name, double weight, ToDoubleFunction<Offer> rule)
      implements ScoreTerm {
    @Override
    public double value(Offer offer) {
      return rule.applyAsDouble(offer);
    }
  }

  /** Mean over the pairs of what was chosen. */
  private static double topology(Offer offer) {
    return DeviceChooser.nearness(offer.chosen(), offer.candidate().node().topology());
  }

  /** The fewer stay free the better: whole nodes stay whole for those who need them. */
  private static double leftover(Offer offer) {
    return 1.0 / (1 + offer.leftover());
  }
}
