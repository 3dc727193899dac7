package io.millwright.dashboards.alerts;

import java.util.Locale;

/** What an alert asks of people. */
public enum Severity {
  /** Capacity or data is lost now: page. */
  CRITICAL,
  /** Somebody has to look today: a ticket. */
  WARNING,
  /** For a report. */
  INFO;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
