package io.millwright.dashboards.grafana;

/** How a panel shows its series. There are no gauges: a number and its course say more. */
public enum Form {
  STAT("stat"),
  LINES("timeseries"),
  STACK("timeseries"),
  TABLE("table"),
  TIMELINE("state-timeline");

  private final String type;

  Form(String type) {
    this.type = type;
  }

  /** Grafana's name of the panel's plugin. */
  public String type() {
    return type;
  }

  /** Whether only the newest values are asked for. */
  public boolean instant() {
    return this == TABLE;
  }
}
