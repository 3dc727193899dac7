package io.millwright.agent.scheduler;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Whether something may take work. */
public enum Fitness {
  FIT,
  UNFIT,
  /** It was not looked at, or not all of it answers. */
  UNKNOWN;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Fitness> ofWord(String word) {
    return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
  }
}
