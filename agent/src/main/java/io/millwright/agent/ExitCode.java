package io.millwright.agent;

/** Exit codes of all commands; usage and configuration as in sysexits.h. */
public final class ExitCode {
  public static final int DONE = 0;
  public static final int FAILED = 1;
  public static final int USAGE = 64;

  /** A job is not to begin here now. */
  public static final int REFUSED = 75;

  public static final int CONFIGURATION = 78;

  private ExitCode() {}
}
