package io.millwright.dashboards.boards;

import static io.millwright.dashboards.boards.Shared.THIS_NODE;

import io.millwright.dashboards.alerts.Limits;
import io.millwright.dashboards.grafana.Board;
import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.grafana.Panel;
import io.millwright.dashboards.grafana.Row;
import io.millwright.dashboards.grafana.Scale;
import io.millwright.dashboards.grafana.Variable;
import io.millwright.dashboards.grafana.Words;
import io.millwright.dashboards.promql.Promql;
import io.millwright.dashboards.promql.Scrapes;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Arrays;
import java.util.List;

/** What needs somebody, and whether agents and collector can be believed. */
final class HealthBoard {
  private static final int LONG_LIST = 20;

  static final Board BOARD =
      new Board(
          BoardId.HEALTH,
          "What needs somebody, and whether what agents and collector tell can be believed.",
          "now-3h",
          List.of(Variable.nodes(true)),
          List.of(now(), trouble(), memory(), agents(), collector()));

  private HealthBoard() {}

  private static Row now() {
    List<Panel> verdicts =
        Arrays.stream(Verdict.values())
            .map(verdict ->
                Panel.stat(
                    4,
                    "Accelerators " + verdict.word(),
                    Scale.COUNT,
                    Shared.state(Metric.ACCELERATOR_HEALTH_STATE, verdict, Promql.WHOLE, THIS_NODE)
                        .sumBy(),
                    says(verdict)))
            .toList();
    List<Panel> more =
        List.of(
            Panel.stat(
                    4,
                    "Nodes silent",
                    Scale.COUNT,
                    Promql.of(Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS)
                        .age()
                        .where("> " + Limits.NODE_SILENT_SECONDS)
                        .countBy()
                        .orZero(),
                    "Known nodes of which nothing came for more than a minute.")
                .step(1, Words.RED, "MillwrightNodeSilent"),
            Panel.stat(
                4,
                "Alerts firing",
                Scale.COUNT,
                Promql.firing("critical|warning").countBy().orZero(),
                "Of severity critical and warning."));
    return new Row(
        "Now", 4, false, java.util.stream.Stream.concat(verdicts.stream(), more.stream()).toList());
  }

  private static String says(Verdict verdict) {
    return switch (verdict) {
      case OK -> "Nothing speaks against them.";
      case DEGRADED -> "They work, with a flaw that somebody should look at. They take jobs.";
      case UNKNOWN ->
          "They are not observed: a hung driver call or old readings. They take no job.";
      case FAILED -> "A rule judges them broken. They take no job.";
    };
  }

  private static Row trouble() {
    return Row.open(
        "What needs somebody",
        9,
        Panel.table(
                8,
                "Alerts",
                List.of("alertname", "severity"),
                "Alerts that fire, and how often. Each has a runbook of its name.")
            .value(
                "firing",
                Scale.COUNT,
                Promql.firing("critical|warning|info").countBy("alertname", "severity")),
        Panel.table(
                8,
                "Failing checks",
                List.of("accelerator", "node", "check"),
                "Which check of which accelerator does not pass; twenty of them where there are more.")
            .value(
                "state",
                Words.ofTruth("failing", "passing"),
                Promql.of(Metric.ACCELERATOR_HEALTH_CHECK, THIS_NODE)
                    .where("== 0")
                    .minBy("node", "accelerator", "check")
                    .lowest(LONG_LIST))
            .leadsTo(BoardId.ACCELERATOR),
        Panel.table(
                8,
                "What drivers ask for",
                List.of("accelerator", "node", "action"),
                "Accelerators whose driver says that something has to be done; twenty of them where"
                    + " there are more.")
            .value(
                "asked",
                Words.ofTrouble("no", "yes"),
                Promql.of(Metric.ACCELERATOR_RECOVERY_ACTION, THIS_NODE, "action!=\"none\"")
                    .where("== 1")
                    .maxBy("node", "accelerator", "action")
                    .highest(LONG_LIST))
            .leadsTo(BoardId.ACCELERATOR));
  }

  private static Row memory() {
    return Row.open(
        "Memory of accelerators",
        8,
        Panel.lines(
                8,
                "ECC errors by place",
                Scale.COUNT,
                "New ECC errors in each window. Uncorrected ones are judged at the first.")
            .with(
                Promql.of(Metric.ACCELERATOR_ECC_ERRORS_TOTAL, THIS_NODE)
                    .increase()
                    .sumBy("location", "severity"),
                "{{location}} {{severity}}"),
        Panel.lines(
                8,
                "Remapped rows",
                Scale.COUNT,
                "Rows of memory that were replaced so far, the ten accelerators with most.")
            .with(
                Promql.of(Metric.ACCELERATOR_MEMORY_REMAPPED_ROWS, THIS_NODE)
                    .sumBy("node", "accelerator")
                    .highest(10),
                "{{node}}/{{accelerator}}")
            .leadsTo(BoardId.ACCELERATOR),
        Panel.lines(
                8,
                "Remaps that wait or failed",
                Scale.COUNT,
                "Pending ones take effect with the next reset; failed ones are for the vendor.")
            .with(Promql.of(Metric.ACCELERATOR_MEMORY_REMAP_PENDING, THIS_NODE).sumBy(), "pending")
            .with(Promql.of(Metric.ACCELERATOR_MEMORY_REMAP_FAILED, THIS_NODE).sumBy(), "failed"));
  }

  private static Row agents() {
    return Row.open(
        "Agents",
        8,
        Panel.lines(
                8,
                "Age of the data of probes",
                Scale.SECONDS,
                "Since the oldest probe of a node last succeeded, the ten oldest.")
            .with(
                Promql.of(
                        Metric.AGENT_PROBE_LAST_SUCCESS_TIMESTAMP_SECONDS,
                        THIS_NODE,
                        Limits.PERIODIC)
                    .age()
                    .maxBy("node")
                    .highest(10),
                "{{node}}")
            .step(Limits.PROBE_STALE_SECONDS, Words.AMBER, "MillwrightProbeStale")
            .leadsTo(BoardId.NODE),
        Panel.lines(8, "Duration of probes", Scale.SECONDS, "The slowest node of each probe.")
            .with(
                Promql.of(Metric.AGENT_PROBE_DURATION_SECONDS, THIS_NODE).maxBy("probe"),
                "{{probe}}"),
        Panel.lines(
                8,
                "Memory of agents",
                Scale.BYTES,
                "Resident memory, the ten largest. Rising over days: a leak.")
            .with(
                Promql.of(Metric.AGENT_MEMORY_BYTES, THIS_NODE, "kind=\"rss\"")
                    .maxBy("node")
                    .highest(10),
                "{{node}}")
            .leadsTo(BoardId.NODE),
        Panel.timeline(
                8,
                "Failing probes",
                Words.ofTruth("failing", "working"),
                "Probes whose last run failed, twelve of them where there are more; a gap is a success."
                    + " Empty: all work.")
            .with(
                Promql.of(Metric.AGENT_PROBE_UP, THIS_NODE)
                    .where("== 0")
                    .minBy("node", "probe")
                    .lowest(12),
                "{{node}} {{probe}}")
            .leadsTo(BoardId.NODE),
        Panel.table(
                8,
                "Versions of agents",
                List.of("version", "revision", "jvm_version"),
                "How many agents run which build.")
            .value(
                "agents",
                Scale.COUNT,
                Promql.of(Metric.AGENT_BUILD_INFO, THIS_NODE)
                    .countBy("version", "revision", "jvm_version")),
        Panel.lines(
                8,
                "Rendering of the agents' pages, p99",
                Scale.SECONDS,
                "Time an agent takes for its own page, the slowest ten.")
            .with(
                Promql.buckets(Metric.AGENT_SCRAPE_DURATION_SECONDS, THIS_NODE)
                    .rate()
                    .sumBy("le", "node")
                    .quantile(0.99)
                    .highest(10),
                "{{node}}"));
  }

  private static Row collector() {
    return Row.open(
        "Collector",
        8,
        Panel.stack(
                6,
                "Nodes by link",
                Scale.COUNT,
                "Stale: nothing came for some seconds. Lost: silent for long.")
            .with(Promql.of(Metric.COLLECTOR_NODES).sumBy("link"), "{{link}}"),
        Panel.lines(
                6, "Readings received", Scale.PER_SECOND, "Readings that the collector accepts.")
            .with(Promql.of(Metric.COLLECTOR_INGESTED_SAMPLES_TOTAL).rate().sumBy(), "accepted"),
        Panel.lines(
                6,
                "Refused and overtaken",
                Scale.PER_SECOND,
                "Refused: what agents sent was malformed. Overtaken: the collector was too slow, and"
                    + " a newer report replaced one that waited.")
            .with(
                Promql.of(Metric.COLLECTOR_REJECTED_SAMPLES_TOTAL).rate().sumBy("reason"),
                "refused {{reason}}")
            .with(
                Promql.of(Metric.COLLECTOR_DROPPED_TOTAL).rate().sumBy("queue", "reason"),
                "{{queue}} {{reason}}"),
        Panel.lines(
                6,
                "Scrapes of nodes",
                Scale.SECONDS,
                "How long Prometheus waits for a node's page, the slowest ten.")
            .with(
                Promql.ofScrapes("scrape_duration_seconds", Scrapes.NODES).highest(10),
                "{{instance}}"));
  }
}
