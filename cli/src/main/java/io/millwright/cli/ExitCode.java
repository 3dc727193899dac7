package io.millwright.cli;

/** Exit codes of these verbs; usage and configuration as in sysexits.h. */
final class ExitCode {
  static final int DONE = 0;
  static final int FAILED = 1;

  /** Of {@code status}, as the following three. */
  static final int DEGRADED = 10;

  static final int VERDICT_FAILED = 11;
  static final int UNKNOWN = 12;
  static final int UNREACHABLE = 13;
  static final int USAGE = 64;
  static final int CONFIGURATION = 78;

  private ExitCode() {}
}
