package io.millwright.dashboards.alerts;

/** Numbers that an alert and a panel share. */
public final class Limits {
  /** A connected agent reports each second or two. */
  public static final int NODE_SILENT_SECONDS = 60;

  /** The slowest probe runs every 30 s. */
  public static final int PROBE_STALE_SECONDS = 120;

  /** The kernel's log is read when there is something in it: that it is quiet is no staleness. */
  public static final String PERIODIC = "probe!=\"kmsg\"";

  /** Of a node's 90 days; it is renewed 30 days before the end. */
  public static final int CERTIFICATE_LEFT_SECONDS = 14 * 86_400;

  /** Of the collector's year; it is renewed four months before the end, where it is restarted. */
  public static final int COLLECTOR_CERTIFICATE_LEFT_SECONDS = 60 * 86_400;

  private Limits() {}
}
