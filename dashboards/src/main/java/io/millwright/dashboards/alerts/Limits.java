package io.millwright.dashboards.alerts;

/** Numbers that an alert and a panel share. */
public final class Limits {
  /** A connected agent reports each second or two. */
  public static final int NODE_SILENT_SECONDS = 60;

  /** The slowest probe runs every 30 s. */
  public static final int PROBE_STALE_SECONDS = 120;

  /** The kernel's log is read when there is something in it: that it is quiet is no staleness. */
  public static final String PERIODIC = "probe!=\"kmsg\"";

  private Limits() {}
}
