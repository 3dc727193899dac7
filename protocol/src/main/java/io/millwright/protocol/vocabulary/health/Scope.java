package io.millwright.protocol.vocabulary.health;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How much of the site an {@link Advice} touches. */
public enum Scope {
  DEVICE,
  /** Accelerators of one compute tray, which are serviced together. */
  TRAY,
  NODE,
  /** All nodes of one NVLink domain or UltraServer. */
  DOMAIN;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The scope of this word; empty where there is none. */
  public static Optional<Scope> ofWord(String word) {
    return Arrays.stream(values()).filter(scope -> scope.word().equals(word)).findFirst();
  }
}
