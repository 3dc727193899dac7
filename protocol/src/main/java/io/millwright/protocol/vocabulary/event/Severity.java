package io.millwright.protocol.vocabulary.event;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How grave an event is, the milder first. */
public enum Severity {
  INFO,
  WARNING,
  FATAL;

  /** As in {@code warning}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The severity of this word; empty where there is none. */
  public static Optional<Severity> ofWord(String word) {
    return Arrays.stream(values()).filter(severity -> severity.word().equals(word)).findFirst();
  }

  /** The graver of the two. */
  public Severity graver(Severity other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
