package io.millwright.protocol.vocabulary.health;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What somebody is to do about a verdict; a closed set. */
public enum Advice {
  NONE,
  WATCH,
  RESTART_JOB,
  DRAIN,
  RESET_DEVICE,
  RESTART_DRIVER,
  REBOOT_NODE,
  INSPECT,
  REPLACE;

  /** As in {@code reset-device}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The advice of this word; empty where there is none. */
  public static Optional<Advice> ofWord(String word) {
    return Arrays.stream(values()).filter(advice -> advice.word().equals(word)).findFirst();
  }
}
