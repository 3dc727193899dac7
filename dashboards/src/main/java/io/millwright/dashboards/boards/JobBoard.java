package io.millwright.dashboards.boards;

import static io.millwright.dashboards.boards.Shared.OWN_POWER;

import io.millwright.dashboards.grafana.Board;
import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.grafana.Panel;
import io.millwright.dashboards.grafana.Row;
import io.millwright.dashboards.grafana.Scale;
import io.millwright.dashboards.grafana.Variable;
import io.millwright.dashboards.grafana.Words;
import io.millwright.dashboards.promql.Promql;
import io.millwright.protocol.vocabulary.Metric;
import java.util.List;

/** One job: what it has, what it makes of it, and whether its hardware is in its way. */
final class JobBoard {
  private static final String THIS_JOB = "job_id=~\"$job\"";
  private static final List<String> SAME_DEVICE = List.of("node", "uuid");
  private static final String[] EACH_DEVICE = {"node", "accelerator", "uuid"};
  private static final String EACH = "{{node}}/{{accelerator}}";

  static final Board BOARD =
      new Board(
          BoardId.JOB,
          "One job: its accelerators, what it makes of them, and whether they are in its way.",
          "now-1h",
          List.of(Variable.jobs()),
          List.of(now(), work(), trouble()));

  private JobBoard() {}

  /** The series of the job's accelerators. */
  private static Promql its(Promql ofAccelerators) {
    return ofAccelerators.joined(
        "*", Promql.of(Metric.ACCELERATOR_JOB_INFO, THIS_JOB), SAME_DEVICE, List.of("job_id"));
  }

  private static Promql its(Metric metric, String... matchers) {
    return its(Promql.of(metric, matchers));
  }

  private static Promql worst() {
    return its(Shared.verdict(Metric.ACCELERATOR_HEALTH_STATE, EACH_DEVICE)).highest(50);
  }

  private static Row now() {
    return Row.open(
        "Now",
        4,
        Panel.stat(
            4,
            "Accelerators held",
            Scale.COUNT,
            Promql.of(Metric.JOB_ACCELERATORS, THIS_JOB).sumBy(),
            "Accelerators that the job has on all of its nodes."),
        Panel.stat(
            4,
            "Nodes",
            Scale.COUNT,
            Promql.of(Metric.JOB_ACCELERATORS, THIS_JOB).sumBy("node").countBy(),
            "Nodes on which it has accelerators."),
        Panel.stat(
            4,
            "Running for",
            Scale.SECONDS,
            Promql.of(Metric.JOB_START_TIMESTAMP_SECONDS, THIS_JOB).age().maxBy(),
            "Since the collector first saw it running on all of its nodes."),
        Panel.stat(
            4,
            "Efficiency",
            Scale.RATIO,
            Promql.of(Metric.JOB_ACCELERATOR_BUSY_SECONDS_TOTAL, THIS_JOB)
                .rate()
                .sumBy()
                .dividedBy(
                    Promql.of(Metric.JOB_ACCELERATOR_ALLOCATED_SECONDS_TOTAL, THIS_JOB)
                        .rate()
                        .sumBy()),
            "Busy time of its accelerators as a share of the time that it holds them."),
        Panel.stat(
            4,
            "Energy, time shown",
            Scale.JOULES,
            Promql.of(Metric.JOB_ACCELERATOR_ENERGY_JOULES_TOTAL, THIS_JOB)
                .over("increase", Promql.SHOWN)
                .sumBy(),
            "What its accelerators used within the time that this board shows; not the hosts. For the"
                + " whole job choose its time at the top."),
        Panel.stat(
            4,
            "Power of its accelerators",
            Scale.WATTS,
            its(Metric.ACCELERATOR_POWER_WATTS, OWN_POWER).sumBy(),
            "What its accelerators draw now."));
  }

  private static Row work() {
    return Row.open(
        "Work",
        9,
        Panel.lines(
                12,
                "Utilization by accelerator",
                Scale.RATIO,
                "One line each: a straggler lies below the others. The lowest twelve.")
            .with(its(Metric.ACCELERATOR_UTILIZATION_RATIO).lowest(12), EACH)
            .leadsTo(BoardId.ACCELERATOR),
        Panel.lines(
                6,
                "Spread of utilization",
                Scale.RATIO,
                "Busiest less idlest. Large for long: the work is uneven, or one device is slow.")
            .with(
                its(Metric.ACCELERATOR_UTILIZATION_RATIO)
                    .maxBy()
                    .minus(its(Metric.ACCELERATOR_UTILIZATION_RATIO).minBy()),
                "spread"),
        Panel.lines(6, "Memory of its accelerators", Scale.BYTES, "The fullest twelve.")
            .with(its(Metric.ACCELERATOR_MEMORY_USED_BYTES).highest(12), EACH)
            .leadsTo(BoardId.ACCELERATOR));
  }

  private static Row trouble() {
    return Row.open(
        "Its hardware",
        9,
        Panel.table(
                8,
                "Accelerators of the job",
                List.of("accelerator", "node"),
                "Where it runs, and how that is; the fifty worst where it has more. A click leads to"
                    + " the accelerator.")
            .value("verdict", Words.verdicts(), worst())
            .value(
                "utilization",
                Scale.RATIO,
                its(Promql.of(Metric.ACCELERATOR_UTILIZATION_RATIO).maxBy(EACH_DEVICE))
                    .and(worst(), "node", "uuid"))
            .leadsTo(BoardId.ACCELERATOR),
        Panel.lines(
                8,
                "Power by accelerator",
                Scale.WATTS,
                "The twelve that draw most. One far below the others does less work.")
            .with(its(Metric.ACCELERATOR_POWER_WATTS, OWN_POWER).highest(12), EACH)
            .leadsTo(BoardId.ACCELERATOR),
        Panel.lines(
                8,
                "Held back",
                Scale.RATIO,
                "Share of time in which heat, power or a brake limited the clocks of its"
                    + " accelerators.")
            .with(
                its(Promql.of(Metric.ACCELERATOR_THROTTLE_SECONDS_TOTAL, Shared.HELD_BACK).rate())
                    .maxBy("reason"),
                "{{reason}}"),
        Panel.table(
                8,
                "Whose it is",
                List.of("job_id", "user", "account", "node"),
                "User and project, and the nodes it has; twenty of them where it has more.")
            .value(
                "accelerators",
                Scale.COUNT,
                Promql.of(Metric.JOB_ACCELERATORS, THIS_JOB)
                    .sumBy("node", "job_id")
                    .joined(
                        "*",
                        Promql.of(Metric.JOB_INFO, THIS_JOB),
                        List.of("node", "job_id"),
                        List.of("user", "account"))
                    .highest(20)),
        Panel.table(
                16,
                "Error events on its accelerators",
                List.of("accelerator", "node", "source", "code", "severity"),
                "The twenty newest errors that drivers told of these accelerators; one may be older than the"
                    + " job.")
            .value(
                "last",
                Scale.TIME,
                its(Promql.of(Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS).where("> 0"))
                    .scaled("* 1000")
                    .highest(20))
            .leadsTo(BoardId.ACCELERATOR));
  }
}
