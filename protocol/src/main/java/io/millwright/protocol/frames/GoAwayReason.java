package io.millwright.protocol.frames;

import java.util.Arrays;

/** Why a side ends the session. */
public enum GoAwayReason {
  SHUTTING_DOWN(1),
  /** Another collector has the fleet now; its address stands in the frame. */
  MOVED(2),
  OVERLOADED(3),
  /** The same node has opened a newer session. */
  REPLACED(4),
  /** The certificate, the name or the journal is not accepted. */
  REFUSED(5),
  NO_COMMON_VERSION(6),
  MALFORMED(7),
  /** Two machines speak as the same node and incarnation. */
  CLONE(8),
  /** A newer version's reason. */
  UNKNOWN(255);

  private final int code;

  GoAwayReason(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  static GoAwayReason ofCode(int code) {
    return Arrays.stream(values()).filter(r -> r.code == code).findFirst().orElse(UNKNOWN);
  }
}
