package io.millwright.protocol.tls;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an operator may do; each role may do what the ones before it may. */
public enum Role {
  /** Looks. */
  VIEWER,
  /** Runs and stops jobs, cordons and drains. */
  OPERATOR,
  /** Changes who may do what. */
  ADMIN;

  /** As it stands in a certificate and on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether this role may do what needs the other one. */
  public boolean includes(Role needed) {
    return compareTo(needed) >= 0;
  }

  /** The role of this word; empty where there is none. */
  public static Optional<Role> ofWord(String word) {
    return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
  }
}
