package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Where in a table the states of one verdict stand. One owner thread. */
final class VerdictPlaces {
  private final Map<Verdict, Integer> places = new EnumMap<>(Verdict.class);

  /** A state that is no word of ours is not looked at. */
  void note(int at, String state) {
    Verdict.ofWord(state).ifPresent(verdict -> places.put(verdict, at));
  }

  /** Of the states exactly one is 1; what says otherwise says nothing that is known. */
  Optional<Verdict> of(Readout sample) {
    boolean told = false;
    int ones = 0;
    Verdict one = Verdict.UNKNOWN;
    for (Map.Entry<Verdict, Integer> place : places.entrySet()) {
      boolean measured = sample.measured(place.getValue());
      told |= measured;
      if (measured && sample.value(place.getValue()) == 1) {
        ones++;
        one = place.getKey();
      }
    }
    if (!told) {
      return Optional.empty();
    }
    return Optional.of(ones == 1 ? one : Verdict.UNKNOWN);
  }
}
