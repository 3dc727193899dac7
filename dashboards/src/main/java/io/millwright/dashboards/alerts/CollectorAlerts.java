package io.millwright.dashboards.alerts;

import static io.millwright.dashboards.alerts.Severity.CRITICAL;
import static io.millwright.dashboards.alerts.Severity.WARNING;

import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.promql.Promql;
import io.millwright.dashboards.promql.Scrapes;
import io.millwright.protocol.vocabulary.Metric;
import java.util.List;

/** Death of the collector, and what it cannot take in. */
final class CollectorAlerts {
  static final List<Alert> ALL =
      List.of(
          down(),
          absent(),
          refused(),
          overtaken(),
          overBudget(),
          lagging(),
          incident(),
          scheduler(),
          remoteWrite(),
          otlp(),
          otlpRefused(),
          recovering(),
          disobeyed(),
          unclaimed(),
          quarantined(),
          contradicted(),
          forgotten(),
          certificate());

  private CollectorAlerts() {}

  private static Alert down() {
    return new Alert(
        "MillwrightCollectorDown",
        CRITICAL,
        Promql.reached(Scrapes.COLLECTOR).where("== 0"),
        "2m",
        "",
        "The collector at {{ $labels.instance }} does not answer",
        "Nobody sees the fleet, and no job is placed; what runs goes on. Agents keep what they have"
            + " to tell.",
        BoardId.FLEET,
        Trial.of(
            "11m",
            "20m",
            "35m",
            "instance=\"c1:9461\",job=\"millwright-collector\"",
            Given.reached(Scrapes.COLLECTOR, "c1:9461", "1x19 0x39 1x60"),
            Given.reached(Scrapes.COLLECTOR, "c2:9461", "1x120")));
  }

  /** An alert on a value is silent about a target that nobody scrapes. */
  private static Alert absent() {
    return new Alert(
        "MillwrightCollectorAbsent",
        CRITICAL,
        Promql.reached(Scrapes.COLLECTOR).absent(),
        "5m",
        "",
        "Prometheus has no target of the job {{ $labels.job }}",
        "The scrape configuration lost the collector: no alert on silent nodes, on the collector"
            + " itself or on rates of jobs can fire. Those on verdicts can, while the nodes' pages"
            + " are read.",
        BoardId.FLEET,
        Trial.of(
            "9m",
            "25m",
            "45m",
            "job=\"millwright-collector\"",
            Given.reached(Scrapes.COLLECTOR, "c1:9461", "1x9 stale _x49 1x60"),
            Given.reached("other", "c2:9461", "1x120")));
  }

  /** While it lasts the queue stands still. */
  private static Alert recovering() {
    return new Alert(
        "MillwrightCollectorRecovering",
        WARNING,
        Promql.of(Metric.COLLECTOR_RECOVERING).where("== 1"),
        "10m",
        "",
        "The collector places and stops no job: its store is older than its nodes",
        "It was restored, or an older copy was put back, and it waits for nodes to say what they"
            + " have. 'millwright recovery' names them; one that does not come back is declared"
            + " lost there.",
        BoardId.FLEET,
        Trial.of(
            "15m", "25m", "40m", "", Given.of(Metric.COLLECTOR_RECOVERING, "", "0x19 1x39 0x60")));
  }

  /** Two collectors over copies of one store look well each for itself. */
  private static Alert disobeyed() {
    return new Alert(
        "MillwrightNodesRefuseCollector",
        CRITICAL,
        Promql.of(Metric.COLLECTOR_REFUSING_NODES).where("> 0"),
        "2m",
        "",
        "{{ $value }} nodes refuse the collector: they obey another, or a newer store",
        "Two collectors run over copies of one store, or an older copy was put back. Stop one of"
            + " them, or restore the newest backup with 'collector restore --generation'.",
        BoardId.FLEET,
        Trial.of(
                "11m",
                "20m",
                "35m",
                "",
                Given.of(Metric.COLLECTOR_REFUSING_NODES, "", "0x19 3x39 0x60"))
            .saying("{{ $value }}", "3"));
  }

  private static Alert unclaimed() {
    return new Alert(
        "MillwrightRunUnclaimed",
        WARNING,
        Promql.of(Metric.COLLECTOR_UNCLAIMED_RUNS).where("> 0"),
        "5m",
        "",
        "{{ $value }} runs are on nodes and not in the collector's book",
        "They keep their accelerators, and nobody will end them: they may be of a store that was"
            + " lost, or of another collector. /v1/unclaimed lists them.",
        BoardId.FLEET,
        Trial.of(
                "14m",
                "20m",
                "35m",
                "",
                Given.of(Metric.COLLECTOR_UNCLAIMED_RUNS, "", "0x19 2x39 0x60"))
            .saying("{{ $value }}", "2"));
  }

  private static Alert refused() {
    return new Alert(
        "MillwrightReportsRefused",
        WARNING,
        Promql.of(Metric.COLLECTOR_REJECTED_SAMPLES_TOTAL)
            .over("rate", "10m")
            .sumBy("reason")
            .where("> 0"),
        "10m",
        "",
        "The collector refuses what agents send ({{ $labels.reason }})",
        "An agent of another version, or something that is no agent, sends what cannot be read.",
        BoardId.HEALTH,
        Trial.of(
            "15m",
            "30m",
            "1h10m",
            "reason=\"malformed\"",
            Given.of(
                Metric.COLLECTOR_REJECTED_SAMPLES_TOTAL,
                "reason=\"malformed\"",
                "0x19 1+1x59 60x90"),
            Given.of(Metric.COLLECTOR_REJECTED_SAMPLES_TOTAL, "reason=\"other\"", "7x180")));
  }

  private static Alert overtaken() {
    return new Alert(
        "MillwrightCollectorOverloaded",
        WARNING,
        Promql.of(Metric.COLLECTOR_DROPPED_TOTAL)
            .over("rate", "5m")
            .sumBy("queue", "reason")
            .where("> 0.1"),
        "10m",
        "",
        "The collector does not keep up: {{ $labels.reason }} in {{ $labels.queue }}",
        "Reports are overtaken by newer ones before it takes them in. What it shows is newest, but"
            + " seconds are missing.",
        BoardId.HEALTH,
        Trial.of(
            "15m",
            "30m",
            "1h5m",
            "queue=\"inbox\",reason=\"superseded\"",
            Given.of(
                Metric.COLLECTOR_DROPPED_TOTAL,
                "queue=\"inbox\",reason=\"superseded\"",
                "0x19 6+6x59 360x90"),
            Given.of(
                Metric.COLLECTOR_DROPPED_TOTAL, "queue=\"store\",reason=\"full\"", "0+1x180")));
  }

  private static Alert overBudget() {
    return new Alert(
        "MillwrightCollectorOverBudget",
        WARNING,
        Promql.of(Metric.COLLECTOR_OVER_BUDGET).where("== 1"),
        "10m",
        "",
        "The collector is short of {{ $labels.resource }}",
        "It has used more than nine tenths of it for ten minutes. It goes on; when nothing is left,"
            + " it refuses connections, cuts sessions off, or ends and starts again.",
        BoardId.HEALTH,
        Trial.of(
            "15m",
            "25m",
            "40m",
            "resource=\"heap\"",
            Given.of(Metric.COLLECTOR_OVER_BUDGET, "resource=\"heap\"", "0x19 1x39 0x60"),
            Given.of(Metric.COLLECTOR_OVER_BUDGET, "resource=\"cpu\"", "0x120")));
  }

  private static Alert lagging() {
    return new Alert(
        "MillwrightCollectorLagging",
        WARNING,
        Promql.of(Metric.COLLECTOR_QUEUE_LAG_SECONDS).where("> 10"),
        "30s",
        "",
        "The collector's queue {{ $labels.queue }} has stood still for {{ $value }} s",
        "Nothing is taken from it meanwhile: what is shown is old, and no job is placed. Most often"
            + " its disk does not answer. After about a minute and a half systemd starts it again.",
        BoardId.HEALTH,
        Trial.of(
                "9m",
                "11m",
                "13m",
                "queue=\"inbox\"",
                Given.of(
                    Metric.COLLECTOR_QUEUE_LAG_SECONDS, "queue=\"inbox\"", "0x19 12 42 72 0x60"))
            .saying("{{ $value }}", "72"));
  }

  /** One alert, however many incidents there are: each has its own words in the collector. */
  private static Alert incident() {
    return new Alert(
        "MillwrightIncidentOpen",
        CRITICAL,
        Promql.of(Metric.COLLECTOR_INCIDENTS, "severity=\"critical\"")
            .sumBy("instance")
            .where("> 0"),
        "1m",
        "",
        "{{ $value }} critical incidents are open",
        "Something failed, or it is not known how it is, and it is one physical cause each:"
            + " 'millwright incidents' says which. Those of a window of maintenance are open too.",
        BoardId.FLEET,
        Trial.of(
                "10m",
                "15m",
                "25m",
                "instance=\"c1:9461\"",
                Given.of(Metric.COLLECTOR_INCIDENTS, "severity=\"critical\"", "0x19 2x19 0x60")
                    .of("instance=\"c1:9461\""),
                Given.of(Metric.COLLECTOR_INCIDENTS, "severity=\"warning\"", "7x120")
                    .of("instance=\"c1:9461\""))
            .saying("{{ $value }}", "2"));
  }

  private static Alert scheduler() {
    return new Alert(
        "MillwrightSchedulerNotTold",
        WARNING,
        Promql.of(Metric.COLLECTOR_SCHEDULER_FAILING_NODES).where("> 0"),
        "5m",
        "",
        "The scheduler could not be told of {{ $value }} nodes",
        "The site's command fails, so that the scheduler may place jobs on nodes that an incident"
            + " took out, or leave nodes idle that are well again. It is tried again.",
        BoardId.HEALTH,
        Trial.of(
                "14m",
                "20m",
                "35m",
                "",
                Given.of(Metric.COLLECTOR_SCHEDULER_FAILING_NODES, "", "0x19 3x39 0x60"))
            .saying("{{ $value }}", "3"));
  }

  private static Alert remoteWrite() {
    return behind("MillwrightRemoteWriteBehind", Metric.COLLECTOR_REMOTE_WRITE_LAG_SECONDS);
  }

  private static Alert otlp() {
    return behind("MillwrightOtlpBehind", Metric.COLLECTOR_OTLP_LAG_SECONDS);
  }

  private static Alert behind(String name, Metric lag) {
    return new Alert(
        name,
        WARNING,
        Promql.of(lag).where("> 300"),
        "5m",
        "",
        "{{ $labels.endpoint }} is behind with the nodes' samples",
        "The oldest sample that it has not taken is minutes old. Samples wait on the collector's"
            + " disk until their bytes are used up; then the oldest are lost.",
        BoardId.HEALTH,
        Trial.of(
            "10m",
            "20m",
            "35m",
            "endpoint=\"tsdb:8428\"",
            Given.of(lag, "endpoint=\"tsdb:8428\"", "15x19 600x39 15x60"),
            Given.of(lag, "endpoint=\"other:8428\"", "20x120")));
  }

  /** What OTLP's specification forbids to send again is gone at once, so that nothing lags. */
  private static Alert otlpRefused() {
    return new Alert(
        "MillwrightOtlpRefused",
        WARNING,
        Promql.of(Metric.COLLECTOR_OTLP_SAMPLES_TOTAL, "result=\"refused\"")
            .over("rate", "10m")
            .where("> 0"),
        "5m",
        "",
        "The receiver of OTLP refuses the nodes' samples, and they are lost",
        "It calls requests wrong, or the address or the credentials. What it refuses is not sent"
            + " again.",
        BoardId.HEALTH,
        Trial.of(
            "14m",
            "30m",
            "1h10m",
            "result=\"refused\"",
            Given.of(
                Metric.COLLECTOR_OTLP_SAMPLES_TOTAL,
                "result=\"refused\"",
                "0x19 800+800x59 48000x90"),
            Given.of(Metric.COLLECTOR_OTLP_SAMPLES_TOTAL, "result=\"taken\"", "0+800x180")));
  }

  private static Alert quarantined() {
    return new Alert(
        "MillwrightNodeQuarantined",
        CRITICAL,
        Promql.of(Metric.COLLECTOR_QUARANTINED_NODES).where("> 0"),
        "1m",
        "",
        "{{ $value }} names of nodes are used by a machine of other hardware",
        "A disk was copied, or a machine was rebuilt. It gets no session; the node that was seen"
            + " first keeps its own. 'millwright audit' names it under node.quarantine.",
        BoardId.FLEET,
        Trial.of(
                "10m",
                "15m",
                "35m",
                "",
                Given.of(Metric.COLLECTOR_QUARANTINED_NODES, "", "0x19 2x39 0x60"))
            .saying("{{ $value }}", "2"));
  }

  private static Alert contradicted() {
    return new Alert(
        "MillwrightAuditLogContradicted",
        CRITICAL,
        Promql.of(Metric.COLLECTOR_AUDIT_WITNESS_NODES, "verdict=\"contradicts\"").where("> 0"),
        "1m",
        "",
        "The audit log is not the one that {{ $value }} nodes saw",
        "It was cut, written anew, or the store is an older copy. 'millwright audit heads' names"
            + " the nodes and the entries.",
        BoardId.FLEET,
        Trial.of(
                "10m",
                "15m",
                "35m",
                "verdict=\"contradicts\"",
                Given.of(
                    Metric.COLLECTOR_AUDIT_WITNESS_NODES,
                    "verdict=\"contradicts\"",
                    "0x19 2x39 0x60"),
                Given.of(Metric.COLLECTOR_AUDIT_WITNESS_NODES, "verdict=\"agrees\"", "9x120"))
            .saying("{{ $value }}", "2"));
  }

  /** The nodes say it themselves, on their own pages: a collector that lies would not. */
  private static Alert forgotten() {
    return new Alert(
        "MillwrightAuditHeadConflict",
        CRITICAL,
        Promql.of(Metric.AGENT_AUDIT_HEAD_CONFLICT).where("> 0"),
        "1m",
        "",
        "A collector's audit log does not continue what {{ $labels.node }} has kept of it",
        "It was cut, written anew, or the store is an older copy. The node's file audit-heads.json"
            + " has what it saw.",
        BoardId.HEALTH,
        Trial.of(
            "10m",
            "15m",
            "35m",
            "node=\"n1\"",
            Given.of(Metric.AGENT_AUDIT_HEAD_CONFLICT, "node=\"n1\"", "0x19 1x39 0x60"),
            Given.of(Metric.AGENT_AUDIT_HEAD_CONFLICT, "node=\"n2\"", "0x120")));
  }

  private static Alert certificate() {
    return new Alert(
        "MillwrightCollectorCertificateEnding",
        WARNING,
        Promql.of(Metric.COLLECTOR_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS)
            .age()
            .where("> -" + Limits.COLLECTOR_CERTIFICATE_LEFT_SECONDS),
        "10m",
        "",
        "The certificate of the {{ $labels.role }} ends within 60 days",
        "The collector's own is renewed when it is started with --authority. Once it has ended no"
            + " agent has a session; once the root has, every node joins anew.",
        BoardId.HEALTH,
        Trial.of(
            "15m",
            "25m",
            "45m",
            "role=\"collector\"",
            Given.of(
                Metric.COLLECTOR_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS,
                "role=\"collector\"",
                "9000000x19 5000000x39 9000000x60"),
            Given.of(
                Metric.COLLECTOR_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS,
                "role=\"root\"",
                "9000000x120")));
  }
}
