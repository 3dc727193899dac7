package io.millwright.dashboards.alerts;

import io.millwright.dashboards.promql.Promql;
import io.millwright.protocol.vocabulary.Metric;
import java.util.List;
import java.util.stream.Stream;

/** All rules, by group. */
final class Rules {
  /** Alerts that are evaluated together. */
  record Group(String name, List<Alert> alerts) {}

  static final List<Group> GROUPS =
      List.of(
          new Group("millwright.verdicts", VerdictAlerts.ALL),
          new Group("millwright.agents", AgentAlerts.ALL),
          new Group("millwright.collector", CollectorAlerts.ALL),
          new Group("millwright.jobs", JobAlerts.ALL),
          new Group("millwright.hosts", HostAlerts.ALL));

  static final List<Recording> RECORDINGS =
      List.of(
          new Recording(
              "node:millwright_accelerator_utilization:avg",
              Promql.of(Metric.ACCELERATOR_UTILIZATION_RATIO).averageBy("node", "vendor", "model")),
          new Recording(
              "model:millwright_accelerator_power_watts:sum",
              Promql.of(Metric.ACCELERATOR_POWER_WATTS, "scope=\"gpu\"").sumBy("vendor", "model")),
          new Recording(
              "state:millwright_accelerators:sum",
              Promql.of(Metric.COLLECTOR_ACCELERATORS).sumBy("state")),
          new Recording(
              "job:millwright_accelerator_utilization:avg",
              Promql.of(Metric.ACCELERATOR_UTILIZATION_RATIO)
                  .joined(
                      "*",
                      Promql.of(Metric.ACCELERATOR_JOB_INFO),
                      List.of("node", "uuid"),
                      List.of("job_id", "user"))
                  .averageBy("job_id", "user")));

  private Rules() {}

  static Stream<Alert> alerts() {
    return GROUPS.stream().flatMap(group -> group.alerts().stream());
  }
}
