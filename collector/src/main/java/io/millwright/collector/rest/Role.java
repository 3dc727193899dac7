package io.millwright.collector.rest;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What somebody may do; each may what those before it may. */
public enum Role {
  /** Whoever reaches the port: the fleet without jobs and users. */
  ANYBODY,
  VIEWER,
  OPERATOR,
  ADMIN;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean mayWhat(Role needed) {
    return compareTo(needed) >= 0;
  }

  public static Optional<Role> ofWord(String word) {
    return Arrays.stream(values())
        .filter(role -> role != ANYBODY && role.word().equals(word))
        .findFirst();
  }
}
