package io.millwright.protocol.vocabulary.health;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How something is, the better first; the same four words in metrics, REST, CLI and page. */
public enum Verdict {
  OK,
  DEGRADED,
  /** Not observed, stale, or hung. */
  UNKNOWN,
  FAILED;

  /** The label value. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The verdict of this word; empty where there is none. */
  public static Optional<Verdict> ofWord(String word) {
    return Arrays.stream(values()).filter(verdict -> verdict.word().equals(word)).findFirst();
  }

  /** The worse of the two, as a whole is as its worst part. */
  public Verdict worse(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
