package io.millwright.dashboards.alerts;

/** The rules as Prometheus reads them. */
public final class RuleFile {
  private static final String INTERVAL = "30s";

  private RuleFile() {}

  public static String text() {
    StringBuilder text = new StringBuilder(Yaml.GENERATED).append("groups:\n");
    group(text, "millwright.recording");
    Rules.RECORDINGS.forEach(recording -> append(text, recording));
    Rules.GROUPS.forEach(group -> {
      group(text, group.name());
      group.alerts().forEach(alert -> append(text, alert));
    });
    return text.toString();
  }

  private static void group(StringBuilder text, String name) {
    text.append("  - name: %s\n    interval: %s\n    rules:\n".formatted(name, INTERVAL));
  }

  private static void append(StringBuilder text, Recording recording) {
    text.append("      - record: ").append(recording.name()).append('\n');
    line(text, "expr", recording.expression().text());
  }

  private static void append(StringBuilder text, Alert alert) {
    text.append("      - alert: ").append(alert.name()).append('\n');
    line(text, "expr", alert.expression().text());
    if (!alert.waits().isEmpty()) {
      text.append("        for: ").append(alert.waits()).append('\n');
    }
    if (!alert.keeps().isEmpty()) {
      text.append("        keep_firing_for: ").append(alert.keeps()).append('\n');
    }
    text.append("        labels:\n          severity: ").append(alert.severity().word());
    text.append("\n        annotations:\n");
    line(text, "  summary", alert.summary());
    line(text, "  description", alert.description());
    line(text, "  runbook_url", alert.runbook());
    line(text, "  dashboard_url", alert.dashboard());
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append("        %s: %s\n".formatted(key, Yaml.quoted(value)));
  }
}
