package io.millwright.protocol.vocabulary;

import java.util.Locale;

/** Why a reading could not be had. The words of {@code millwright_agent_probe_failures_total}. */
public enum Fault {
  TIMEOUT(2),
  PERMISSION(3),
  NOT_FOUND(4),
  DEVICE_LOST(5),
  PARSE(6),
  OTHER(7),
  /** Somebody else uses what this value is read from; no probe fails by that. */
  IN_USE(8);

  private static final Fault[] ALL = values();

  private final byte state;

  Fault(int state) {
    this.state = (byte) state;
  }

  /** The state byte of a reading that has this fault; see {@link Sample}. */
  byte state() {
    return state;
  }

  static Fault ofState(byte state) {
    return ALL[state - TIMEOUT.state];
  }

  /** The label value. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
