package io.millwright.protocol.vocabulary.job;

import java.util.Optional;

/** What fails at once. */
public enum FailureDomain {
  /** By the site's rack map. */
  RACK;

  public String word() {
    return "rack";
  }

  public static Optional<FailureDomain> ofWord(String word) {
    return word.equals(RACK.word()) ? Optional.of(RACK) : Optional.empty();
  }
}
