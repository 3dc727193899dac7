package io.millwright.dashboards.grafana;

/** The dashboards; the uid is part of links that people keep, and never changes. */
public enum BoardId {
  FLEET("mw-fleet", "Fleet"),
  NODE("mw-node", "Node"),
  ACCELERATOR("mw-accelerator", "Accelerator"),
  JOB("mw-job", "Job"),
  POWER("mw-power", "Power & thermal"),
  HEALTH("mw-health", "Health & agents");

  private final String uid;
  private final String title;

  BoardId(String uid, String title) {
    this.uid = uid;
    this.title = title;
  }

  public String uid() {
    return uid;
  }

  public String title() {
    return title;
  }
}
