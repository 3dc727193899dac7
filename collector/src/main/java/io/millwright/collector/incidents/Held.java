package io.millwright.collector.incidents;

import java.util.Optional;

/** A symptom that stands, and the case that it is of. One owner. */
final class Held {
  final long firstMs;
  private Symptom symptom;
  private Optional<Case> owner = Optional.empty();

  Held(Symptom symptom, long firstMs) {
    this.symptom = symptom;
    this.firstMs = firstMs;
  }

  Symptom symptom() {
    return symptom;
  }

  Symptom.Key key() {
    return symptom.key();
  }

  /** The same rule with newer words; whether anything but the words has changed. */
  boolean tell(Symptom newer) {
    boolean more = !newer.codes().equals(symptom.codes()) || newer.verdict() != symptom.verdict();
    symptom = newer;
    return more;
  }

  Optional<Case> owner() {
    return owner;
  }

  void owner(Optional<Case> other) {
    owner = other;
  }
}
