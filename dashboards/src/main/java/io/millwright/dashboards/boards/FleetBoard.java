package io.millwright.dashboards.boards;

import static io.millwright.dashboards.boards.Shared.DEVICE;
import static io.millwright.dashboards.boards.Shared.OWN_POWER;
import static io.millwright.dashboards.boards.Shared.THIS_MODEL;
import static io.millwright.dashboards.promql.Promql.WHOLE;

import io.millwright.dashboards.alerts.Limits;
import io.millwright.dashboards.grafana.Board;
import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.grafana.Panel;
import io.millwright.dashboards.grafana.Row;
import io.millwright.dashboards.grafana.Scale;
import io.millwright.dashboards.grafana.Variable;
import io.millwright.dashboards.grafana.Words;
import io.millwright.dashboards.promql.Promql;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.List;

/** Is anything on fire, how much can be used, and does it work? */
final class FleetBoard {
  private static final int LONG_LIST = 20;

  static final Board BOARD =
      new Board(
          BoardId.FLEET,
          "The whole fleet: what is broken, what can be used, what it does and what it draws.",
          "now-3h",
          List.of(Variable.models()),
          List.of(now(), health(), use(), work()));

  private FleetBoard() {}

  private static Row now() {
    return Row.open(
        "Now",
        4,
        Panel.stat(
            4,
            "Nodes connected",
            Scale.COUNT,
            Promql.of(Metric.COLLECTOR_NODES, "link=\"connected\"").sumBy(),
            "Nodes whose agent streams to the collector. Fewer than known: look at the silent ones on"
                + " Health & agents."),
        Panel.stat(
            4,
            "Nodes known",
            Scale.COUNT,
            Promql.of(Metric.COLLECTOR_NODES).sumBy(),
            "Nodes that have ever reported to this collector."),
        Panel.stat(
            4,
            "Accelerators up",
            Scale.COUNT,
            Promql.of(Metric.ACCELERATOR_UP, WHOLE, THIS_MODEL).sumBy(),
            "Accelerators of connected nodes that answer every mandatory question of their driver."),
        Panel.stat(
                4,
                "Accelerators failed",
                Scale.COUNT,
                Shared.state(Metric.ACCELERATOR_HEALTH_STATE, Verdict.FAILED, WHOLE, THIS_MODEL)
                    .sumBy(),
                "Accelerators that a health rule judges failed. They take no new job.")
            .step(1, Words.RED, "AcceleratorFailed")
            .leadsTo(BoardId.HEALTH),
        Panel.stat(
                4,
                "Accelerators unknown",
                Scale.COUNT,
                Shared.state(Metric.ACCELERATOR_HEALTH_STATE, Verdict.UNKNOWN, WHOLE, THIS_MODEL)
                    .sumBy(),
                "Accelerators that are not observed: a hung driver call or old readings. They take no"
                    + " new job.")
            .step(1, Words.AMBER, "AcceleratorUnknown")
            .leadsTo(BoardId.HEALTH),
        Panel.stat(
                4,
                "Critical alerts",
                Scale.COUNT,
                Promql.firing("critical").countBy().orZero(),
                "Alerts that page somebody and fire now.")
            .leadsTo(BoardId.HEALTH),
        Panel.stat(
            4,
            "Allocated",
            Scale.RATIO,
            Promql.of(Metric.COLLECTOR_ACCELERATORS, "state=\"allocated\"", THIS_MODEL)
                .sumBy()
                .orZero()
                .dividedBy(Promql.of(Metric.COLLECTOR_ACCELERATORS, THIS_MODEL).sumBy()),
            "Share of all accelerators of connected nodes, broken ones too, that a job has."),
        Panel.stat(
            4,
            "Utilization of allocated",
            Scale.RATIO,
            Promql.of(Metric.ACCELERATOR_UTILIZATION_RATIO, THIS_MODEL)
                .joined(
                    "*",
                    Promql.of(Metric.ACCELERATOR_JOB_INFO),
                    List.of("node", "uuid"),
                    List.of("job_id"))
                .averageBy(),
            "How busy the accelerators are that a job has. Low with many allocated: somebody holds"
                + " what they do not use."),
        Panel.stat(
            4,
            "Power of accelerators",
            Scale.WATTS,
            Promql.of(Metric.ACCELERATOR_POWER_WATTS, OWN_POWER, THIS_MODEL).sumBy(),
            "What the accelerators draw that tell their own power; not the hosts, and not Neuron."),
        Panel.stat(
            4,
            "Jobs running",
            Scale.COUNT,
            Promql.of(Metric.JOBS, "state=\"running\"").sumBy(),
            "Jobs that run on all of their nodes."),
        Panel.stat(
            4,
            "Jobs completed, 24 h",
            Scale.RATIO,
            Promql.of(Metric.JOBS_FINISHED_TOTAL, "result=\"completed\"")
                .over("increase", "24h")
                .sumBy()
                .dividedBy(Promql.of(Metric.JOBS_FINISHED_TOTAL).over("increase", "24h").sumBy()),
            "Share of the jobs that ended within a day with exit code 0. Why the others did not stands"
                + " below."),
        Panel.stat(
                4,
                "Oldest data",
                Scale.SECONDS,
                Promql.of(Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS).age().maxBy(),
                "Age of the newest report of the node that has been silent for longest. Whether this"
                    + " screen can be trusted.")
            .step(Limits.NODE_SILENT_SECONDS, Words.RED, "MillwrightNodeSilent")
            .leadsTo(BoardId.HEALTH));
  }

  private static Row health() {
    return Row.open(
        "Health",
        9,
        Panel.timeline(
                12,
                "Nodes that are not ok",
                Words.verdicts(),
                "What the health rules say of them over time, the twenty worst of each moment; a gap is"
                    + " ok. Empty: all are. A click leads to the node.")
            .with(
                Shared.verdict(Metric.NODE_HEALTH_STATE, new String[] {"node"})
                    .where("> 0")
                    .highest(LONG_LIST),
                "{{node}}")
            .leadsTo(BoardId.NODE),
        Panel.table(
                12,
                "Accelerators that are not ok",
                List.of("accelerator", "node", "model"),
                "The worst first. A click leads to the accelerator, whose board says why.")
            .value(
                "verdict",
                Words.verdicts(),
                Shared.verdict(Metric.ACCELERATOR_HEALTH_STATE, DEVICE, THIS_MODEL)
                    .where("> 0")
                    .highest(LONG_LIST))
            .leadsTo(BoardId.ACCELERATOR));
  }

  private static Row use() {
    return Row.open(
        "Use",
        8,
        Panel.stack(
                8,
                "Accelerators by utilization",
                Scale.COUNT,
                "How many accelerators are how busy, in steps of a tenth: from 0 % is less than 10 %. An"
                    + " average would hide the idle ones.")
            .with(
                Promql.of(Metric.ACCELERATOR_UTILIZATION_RATIO, THIS_MODEL).tenths("from"),
                "from {{from}} %"),
        Panel.stack(8, "Power by model", Scale.WATTS, "Power of the accelerators of each product.")
            .with(
                Promql.of(Metric.ACCELERATOR_POWER_WATTS, OWN_POWER, THIS_MODEL).sumBy("model"),
                "{{model}}"),
        Panel.stack(
                8,
                "Accelerators by state",
                Scale.COUNT,
                "Accelerators of connected nodes: free, allocated to a job, failed, or unknown where nobody"
                    + " can say whether they work.")
            .with(
                Promql.of(Metric.COLLECTOR_ACCELERATORS, THIS_MODEL).sumBy("state"), "{{state}}"));
  }

  private static Row work() {
    return Row.open(
        "Work and trouble",
        8,
        Panel.lines(
                8,
                "Fatal events by node",
                Scale.COUNT,
                "Errors of class fatal that drivers told, in each window, the twelve nodes with most: 0 is good.")
            .with(
                Promql.of(
                        Metric.ACCELERATOR_ERROR_EVENTS_TOTAL,
                        "severity=\"fatal\"",
                        THIS_MODEL,
                        WHOLE)
                    .increase()
                    .sumBy("node")
                    .highest(12),
                "{{node}}")
            .leadsTo(BoardId.NODE),
        Panel.stack(8, "Jobs by state", Scale.COUNT, "Jobs that wait, start, run, end or hang.")
            .with(Promql.of(Metric.JOBS).sumBy("state"), "{{state}}"),
        Panel.lines(
                8,
                "Jobs ended by result",
                Scale.PER_SECOND,
                "How jobs end. Many node_fail: the hardware loses them, not their owners.")
            .with(Promql.of(Metric.JOBS_FINISHED_TOTAL).rate().sumBy("result"), "{{result}}"));
  }
}
