package io.millwright.cli;

/** Exit codes of these verbs; usage and configuration as in sysexits.h. */
final class ExitCode {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 64;
  static final int CONFIGURATION = 78;

  private ExitCode() {}
}
