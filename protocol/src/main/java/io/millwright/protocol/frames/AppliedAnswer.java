package io.millwright.protocol.frames;

import java.util.Arrays;

/** What an agent did with a desired state. */
public enum AppliedAnswer {
  /** Checked and durably written; the body says so of each job. It does not mean done. */
  WRITTEN(1),
  /** Not newer than what stands; ignored. */
  OLDER(2),
  /** The term is lower than the one that stands, or contradicts it; refused. */
  TERM_REFUSED(3),
  /** The change builds on a generation that the agent does not have: send the full state. */
  NEEDS_FULL(4),
  /** Parts or digest do not fit; send it again. */
  NOT_READABLE(5),
  /** The node takes no new jobs now; only the stops were taken. The body says why. */
  REFUSED(6),
  /** It was not looked at; send it again. */
  BUSY(7),
  /** A newer version's answer. */
  UNKNOWN(255);

  private final int code;

  AppliedAnswer(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  static AppliedAnswer ofCode(int code) {
    return Arrays.stream(values()).filter(a -> a.code == code).findFirst().orElse(UNKNOWN);
  }
}
