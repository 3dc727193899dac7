package io.millwright.collector.incidents;

import java.util.Optional;

/** A symptom that stands, and the case that it is of. One owner. */
final class Held {
  final long firstMs;
  private Symptom symptom;
  private long trustedMs;
  private Optional<Case> owner = Optional.empty();

  Held(Symptom symptom, long firstMs) {
    this.symptom = symptom;
    this.firstMs = firstMs;
  }

  /** One that was stored: until its node is heard, or that time has come, nobody is called. */
  static Held restored(Symptom symptom, long firstMs, long trustedMs) {
    Held held = new Held(symptom, firstMs);
    held.trustedMs = trustedMs;
    return held;
  }

  /** Whether it is a reason to call somebody. */
  boolean calls(long nowMs) {
    return symptom.calls() && nowMs >= trustedMs;
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
    trustedMs = 0;
    return more;
  }

  Optional<Case> owner() {
    return owner;
  }

  /** Whether a person closed its incident while it stood: by itself it opens no other. */
  boolean dismissed() {
    return owner.isPresent() && !owner.get().open();
  }

  void owner(Optional<Case> other) {
    owner = other;
  }
}
