package io.millwright.protocol.frames;

import java.util.Arrays;

/** What evidence is wanted of a node. */
public enum CaptureKind {
  /** An archive of all that is known, kept by the node. */
  BUNDLE(1),
  /** The node's own checks, without an archive. */
  CHECKS(2),
  /** The site's own test command of a name. */
  TEST(3),
  /** A newer version's word; refused. */
  UNKNOWN(255);

  private final int code;

  CaptureKind(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  static CaptureKind ofCode(int code) {
    return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst().orElse(UNKNOWN);
  }
}
