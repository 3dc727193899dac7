package io.millwright.agent.dialect;

import io.millwright.protocol.vocabulary.Sample;
import java.util.List;

/** A sum of series of one device, found in a snapshot. Never empty. */
final class PlacedSum {
  private final Place[] places;
  private final double[] weights;
  private final boolean[] optional;

  PlacedSum(List<Term> terms, List<Place> places) {
    this.places = places.toArray(Place[]::new);
    weights = terms.stream().mapToDouble(Term::weight).toArray();
    optional = new boolean[weights.length];
    for (int i = 0; i < optional.length; i++) {
      optional[i] = terms.get(i).optional();
    }
  }

  /** NaN where a part could not be read: a sum of what is left would be another number. */
  double value(List<Sample> snapshot) {
    double sum = Double.NaN;
    for (int i = 0; i < places.length; i++) {
      if (places[i].measured(snapshot)) {
        double part = weights[i] * places[i].value(snapshot);
        sum = Double.isNaN(sum) ? part : sum + part;
      } else if (!optional[i] || !places[i].unsupported(snapshot)) {
        return Double.NaN;
      }
    }
    return sum;
  }

  /** Monotonic time of the newest reading in it. */
  long readAtNanos(List<Sample> snapshot) {
    long newest = places[0].readAtNanos(snapshot);
    for (Place place : places) {
      newest = Math.max(newest, place.readAtNanos(snapshot));
    }
    return newest;
  }
}
