package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where in a table the states of one verdict stand. One owner thread. */
final class VerdictPlaces {
  private final List<Place> places = new ArrayList<>(0);

  private record Place(Verdict verdict, int at) {}

  /** A state that is no word of ours is not looked at. */
  void note(int at, String state) {
    Verdict.ofWord(state)
        .ifPresent(verdict -> {
          places.removeIf(known -> known.verdict() == verdict);
          places.add(new Place(verdict, at));
        });
  }

  /** Of the states exactly one is 1; what says otherwise says nothing that is known. */
  Optional<Verdict> of(Readout sample) {
    boolean told = false;
    int ones = 0;
    Verdict one = Verdict.UNKNOWN;
    for (Place place : places) {
      boolean measured = sample.measured(place.at());
      told |= measured;
      if (measured && sample.value(place.at()) == 1) {
        ones++;
        one = place.verdict();
      }
    }
    if (!told) {
      return Optional.empty();
    }
    return Optional.of(ones == 1 ? one : Verdict.UNKNOWN);
  }
}
