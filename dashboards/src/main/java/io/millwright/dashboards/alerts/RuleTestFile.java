package io.millwright.dashboards.alerts;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The trials of the alerts as {@code promtool test rules} reads them. */
public final class RuleTestFile {
  private static final String PROMETHEUS = "http://prometheus.example:9090";
  private static final String GRAFANA = "http://grafana.example:3000";
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

  private RuleTestFile() {}

  /**
   * @param rules name of the file with the rules
   */
  public static String text(String rules) {
    StringBuilder text = new StringBuilder(Yaml.GENERATED);
    text.append("rule_files: [").append(rules).append("]\nevaluation_interval: 30s\ntests:\n");
    Rules.alerts().forEach(alert -> append(text, alert));
    text.append(recordings());
    return text.toString();
  }

  private static void append(StringBuilder text, Alert alert) {
    Trial trial = alert.trial();
    begin(text, alert.name(), trial.series());
    text.append("    alert_rule_test:\n");
    trial.quietAt().forEach(at -> quiet(text, alert, at));
    trial.fires().forEach(firing -> fires(text, alert, firing));
  }

  private static void fires(StringBuilder text, Alert alert, Trial.Firing firing) {
    text.append("      - eval_time: ").append(firing.at()).append('\n');
    text.append("        alertname: ").append(alert.name()).append('\n');
    text.append("        exp_alerts:\n          - exp_labels:\n");
    line(text, "severity", alert.severity().word());
    LABEL
        .matcher(firing.labels())
        .results()
        .forEach(label -> line(text, label.group(1), label.group(2)));
    text.append("            exp_annotations:\n");
    line(text, "summary", rendered(alert, firing, alert.summary()));
    line(text, "description", rendered(alert, firing, alert.description()));
    line(text, "runbook_url", rendered(alert, firing, alert.runbook()));
    line(text, "dashboard_url", rendered(alert, firing, alert.dashboard()));
  }

  private static void begin(StringBuilder text, String name, List<Given> series) {
    text.append("  - name: ").append(name).append("\n    interval: 30s\n");
    text.append("    external_url: ").append(PROMETHEUS).append('\n');
    text.append("    external_labels: {grafana: '").append(GRAFANA).append("'}\n");
    text.append("    input_series:\n");
    series.forEach(given ->
        text.append(
            "      - {series: %s, values: '%s'}\n"
                .formatted(Yaml.quoted(given.series()), given.values())));
  }

  private static void quiet(StringBuilder text, Alert alert, String at) {
    text.append(
        "      - {eval_time: %s, alertname: %s, exp_alerts: []}\n".formatted(at, alert.name()));
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append("              %s: %s\n".formatted(key, Yaml.quoted(value)));
  }

  /** What Prometheus makes of the templates of a text. */
  private static String rendered(Alert alert, Trial.Firing firing, String template) {
    String text =
        template.replace("{{ $externalURL }}", PROMETHEUS).replace(Alert.GRAFANA, GRAFANA);
    for (Map.Entry<String, String> said : alert.trial().said().entrySet()) {
      text = text.replace(said.getKey(), said.getValue());
    }
    for (var label : LABEL.matcher(firing.labels()).results().toList()) {
      text = text.replace("{{ $labels." + label.group(1) + " }}", label.group(2));
    }
    return text;
  }

  /** Four devices, two of a job. */
  private static String recordings() {
    return """
      - name: recordings
        interval: 30s
        input_series:
          - {series: 'millwright_accelerator_utilization_ratio{node="n1",accelerator="0",uuid="a",vendor="nvidia",model="B200"}', values: '1x10'}
          - {series: 'millwright_accelerator_utilization_ratio{node="n1",accelerator="1",uuid="b",vendor="nvidia",model="B200"}', values: '0.5x10'}
          - {series: 'millwright_accelerator_utilization_ratio{node="n2",accelerator="0",uuid="c",vendor="nvidia",model="H100"}', values: '0x10'}
          - {series: 'millwright_accelerator_job_info{node="n1",accelerator="1",uuid="b",job_id="train-r1",user="anna"}', values: '1x10'}
          - {series: 'millwright_accelerator_job_info{node="n2",accelerator="0",uuid="c",job_id="train-r1",user="anna"}', values: '1x10'}
          - {series: 'millwright_accelerator_power_watts{node="n1",accelerator="0",uuid="a",vendor="nvidia",model="B200",scope="gpu"}', values: '700x10'}
          - {series: 'millwright_accelerator_power_watts{node="n1",accelerator="1",uuid="b",vendor="nvidia",model="B200",scope="gpu"}', values: '300x10'}
          - {series: 'millwright_accelerator_power_watts{node="n1",accelerator="1",uuid="b",vendor="nvidia",model="B200",scope="module"}', values: '5000x10'}
          - {series: 'millwright_collector_accelerators{vendor="nvidia",model="B200",state="free"}', values: '5x10'}
          - {series: 'millwright_collector_accelerators{vendor="nvidia",model="H100",state="free"}', values: '3x10'}
        promql_expr_test:
          - expr: node:millwright_accelerator_utilization:avg
            eval_time: 2m
            exp_samples:
              - {labels: 'node:millwright_accelerator_utilization:avg{node="n1",vendor="nvidia",model="B200"}', value: 0.75}
              - {labels: 'node:millwright_accelerator_utilization:avg{node="n2",vendor="nvidia",model="H100"}', value: 0}
          - expr: model:millwright_accelerator_power_watts:sum
            eval_time: 2m
            exp_samples:
              - {labels: 'model:millwright_accelerator_power_watts:sum{vendor="nvidia",model="B200"}', value: 1000}
          - expr: state:millwright_accelerators:sum
            eval_time: 2m
            exp_samples:
              - {labels: 'state:millwright_accelerators:sum{state="free"}', value: 8}
          - expr: job:millwright_accelerator_utilization:avg
            eval_time: 2m
            exp_samples:
              - {labels: 'job:millwright_accelerator_utilization:avg{job_id="train-r1",user="anna"}', value: 0.25}
    """
        .indent(0);
  }
}
