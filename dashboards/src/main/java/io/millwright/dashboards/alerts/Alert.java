package io.millwright.dashboards.alerts;

import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.promql.Promql;
import java.util.regex.Pattern;

/**
 * One alert.
 *
 * @param name begins with its subject; the runbook has it too
 * @param waits how long it has to hold first, as in {@code 5m}; empty for not at all
 * @param keeps how long it goes on firing after it holds no more, so that a gap of the readings is
 *     no end; empty for not at all
 * @param summary one line, with labels that the alert carries
 * @param description what it means, in a sentence or two
 * @param board where to look
 */
record Alert(
    String name,
    Severity severity,
    Promql expression,
    String waits,
    String keeps,
    String summary,
    String description,
    BoardId board,
    Trial trial) {
  /** Where Prometheus serves the runbooks: {@code --web.user-assets} is {@code assets}. */
  static final String RUNBOOK = "{{ $externalURL }}/user/runbooks/%s.md";

  /** The site's Grafana is a label of its Prometheus, taken off before alerts are sent. */
  static final String GRAFANA = "{{ $externalLabels.grafana }}";

  private static final Pattern LABEL = Pattern.compile("\\$labels\\.([a-z_]+)");

  /**
   * @throws IllegalArgumentException for a text with a label that the alert does not carry
   */
  Alert {
    for (var found : LABEL.matcher(summary + description).results().toList()) {
      if (!expression.labels().contains(found.group(1))) {
        throw new IllegalArgumentException(
            "alert %s: it carries no label '%s'".formatted(name, found.group(1)));
      }
    }
  }

  String runbook() {
    return RUNBOOK.formatted(name);
  }

  /** The dashboard with the alert's own node, accelerator or job chosen. */
  String dashboard() {
    return GRAFANA
        + "/d/"
        + board.uid()
        + switch (board) {
          case NODE -> "?var-node=" + label("node");
          case ACCELERATOR ->
              "?var-node=" + label("node") + "&var-accelerator=" + label("accelerator");
          case JOB -> "?var-job=" + label("job_id");
          case FLEET, POWER, HEALTH -> "";
        };
  }

  private String label(String name) {
    if (!expression.labels().contains(name)) {
      throw new IllegalArgumentException(
          "alert %s: its dashboard wants the label '%s'".formatted(this.name, name));
    }
    return "{{ $labels." + name + " }}";
  }
}
