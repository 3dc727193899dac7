package io.millwright.dashboards.alerts;

import static io.millwright.dashboards.alerts.Severity.CRITICAL;
import static io.millwright.dashboards.alerts.Severity.WARNING;

import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.promql.Promql;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.List;

/**
 * What the health rules say. A node is as its worst part: where an accelerator has the same
 * verdict, its own alert tells of it, and the node's stays away.
 */
final class VerdictAlerts {
  private static final String HERE = "Accelerator {{ $labels.accelerator }} of {{ $labels.node }}";
  private static final String FAILING =
      "{{ range query (printf \"millwright_accelerator_health_check{node=%q,uuid=%q} == 0\""
          + " $labels.node $labels.uuid) }} {{ .Labels.check }}{{ end }}";
  private static final String WHY =
      " Failing checks:" + FAILING + ". `millwright node {{ $labels.node }}` lists the evidence.";

  private static final String DEVICE =
      "node=\"n1\",accelerator=\"3\",uuid=\"GPU-3\",vendor=\"nvidia\",model=\"B200\"";
  private static final String NEIGHBOUR =
      "node=\"n1\",accelerator=\"4\",uuid=\"GPU-4\",vendor=\"nvidia\",model=\"B200\"";
  private static final String QUIET = "0x90";

  static final List<Alert> ALL =
      List.of(
          accelerator(
              "AcceleratorFailed",
              CRITICAL,
              Verdict.FAILED,
              "",
              "is failed",
              "A health rule judges it broken; it takes no new job.",
              Times.AT_ONCE),
          accelerator(
              "AcceleratorUnknown",
              CRITICAL,
              Verdict.UNKNOWN,
              "5m",
              "is not observed",
              "Its readings are old or its driver call hangs; it takes no new job.",
              Times.AFTER_FIVE),
          accelerator(
              "AcceleratorDegraded",
              WARNING,
              Verdict.DEGRADED,
              "10m",
              "is degraded",
              "It works, with a flaw that somebody should look at; it takes jobs.",
              Times.AFTER_TEN),
          node("NodeFailed", CRITICAL, Verdict.FAILED, "", "is failed", Times.AT_ONCE),
          node("NodeUnknown", CRITICAL, Verdict.UNKNOWN, "5m", "is not observed", Times.AFTER_FIVE),
          node("NodeDegraded", WARNING, Verdict.DEGRADED, "10m", "is degraded", Times.AFTER_TEN),
          unjudged());

  private VerdictAlerts() {}

  /** When a trial looks: the series turn at 10 min and back at 30 min, and 5 min are kept. */
  private enum Times {
    AT_ONCE("9m"),
    AFTER_FIVE("14m"),
    AFTER_TEN("19m");

    private static final String FIRES = "25m";
    private static final String CLEAR = "40m";
    private static final String TURNS = "0x19 1x39 0x60";
    private final String quiet;

    Times(String quiet) {
      this.quiet = quiet;
    }

    Trial trial(String labels, Given... series) {
      return Trial.of(quiet, FIRES, CLEAR, labels, series);
    }
  }

  private static String state(Verdict verdict) {
    return "state=\"" + verdict.word() + "\"";
  }

  private static Promql judged(Metric family, Verdict verdict) {
    return Promql.of(family, state(verdict)).where("== 1");
  }

  /** A MIG instance is not observed because its device is not, of which is told once. */
  private static Promql ofDevices(Verdict verdict) {
    return verdict == Verdict.UNKNOWN
        ? Promql.of(Metric.ACCELERATOR_HEALTH_STATE, state(verdict), Promql.WHOLE).where("== 1")
        : judged(Metric.ACCELERATOR_HEALTH_STATE, verdict);
  }

  private static Given given(String device, Verdict verdict, String values) {
    return Given.of(Metric.ACCELERATOR_HEALTH_STATE, device + "," + state(verdict), values);
  }

  private static Alert accelerator(
      String name,
      Severity severity,
      Verdict verdict,
      String waits,
      String is,
      String means,
      Times times) {
    return new Alert(
        name,
        severity,
        ofDevices(verdict),
        waits,
        "5m",
        HERE + " " + is,
        means + WHY,
        BoardId.ACCELERATOR,
        times
            .trial(
                DEVICE + "," + state(verdict),
                given(DEVICE, verdict, Times.TURNS),
                given(NEIGHBOUR, verdict, QUIET),
                Given.of(
                    Metric.ACCELERATOR_HEALTH_CHECK, DEVICE + ",check=\"memory\"", "1x19 0x90"),
                Given.of(Metric.ACCELERATOR_HEALTH_CHECK, DEVICE + ",check=\"power\"", "1x90"))
            .saying(FAILING, " memory"));
  }

  private static Alert node(
      String name, Severity severity, Verdict verdict, String waits, String is, Times times) {
    Given ofNode1 =
        Given.of(Metric.NODE_HEALTH_STATE, "node=\"n1\"," + state(verdict), Times.TURNS);
    Given ofNode2 =
        Given.of(Metric.NODE_HEALTH_STATE, "node=\"n2\"," + state(verdict), Times.TURNS);
    String elsewhere = DEVICE.replace("n1", "n2");
    return new Alert(
        name,
        severity,
        judged(Metric.NODE_HEALTH_STATE, verdict)
            .unless(judged(Metric.ACCELERATOR_HEALTH_STATE, verdict), "node"),
        waits,
        "5m",
        "Node {{ $labels.node }} " + is,
        "A health rule judges the node itself so, not one of its accelerators."
            + " `millwright node {{ $labels.node }}` lists the evidence.",
        BoardId.NODE,
        times.trial(
            "node=\"n1\"," + state(verdict),
            ofNode1,
            ofNode2,
            given(DEVICE, verdict, QUIET),
            given(elsewhere, verdict, Times.TURNS)));
  }

  /** Verdicts that are missing page nobody by themselves. */
  private static Alert unjudged() {
    String seen = "0+30x120";
    return new Alert(
        "NodeUnjudged",
        WARNING,
        Promql.of(Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS)
            .age()
            .where("< " + Limits.NODE_SILENT_SECONDS)
            .unless(Promql.of(Metric.NODE_HEALTH_STATE), "node"),
        "10m",
        "",
        "Node {{ $labels.node }} reports, but Prometheus has no verdict of it",
        "Its agent is too old to judge, or Prometheus does not scrape the node's page. No alert on a"
            + " verdict can fire for it.",
        BoardId.NODE,
        Trial.of(
            "5m",
            "25m",
            "45m",
            "node=\"n1\"",
            Given.of(Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS, "node=\"n1\"", seen),
            Given.of(Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS, "node=\"n2\"", seen),
            Given.of(Metric.NODE_HEALTH_STATE, "node=\"n1\",state=\"ok\"", "_x59 1x60"),
            Given.of(Metric.NODE_HEALTH_STATE, "node=\"n2\",state=\"ok\"", "1x120")));
  }
}
