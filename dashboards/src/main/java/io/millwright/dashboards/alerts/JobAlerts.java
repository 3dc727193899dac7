package io.millwright.dashboards.alerts;

import static io.millwright.dashboards.alerts.Severity.CRITICAL;
import static io.millwright.dashboards.alerts.Severity.INFO;
import static io.millwright.dashboards.alerts.Severity.WARNING;

import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.promql.Promql;
import io.millwright.protocol.vocabulary.Metric;
import java.util.List;

/** Rates of jobs, and what jobs make of their accelerators: no health rule judges these. */
final class JobAlerts {
  /** One in a hundred jobs may be lost to hardware within 30 days. */
  private static final double BUDGET = 0.01;

  /**
   * Fewer prove nothing. Prometheus estimates growth to the edges of a window: never a whole
   * number.
   */
  private static final double LEAST_LOST = 2.5;

  private static final double FAST = 14.4;
  private static final double SLOW = 6;
  private static final String JOB = "job_id=\"train-r1\",user=\"anna\"";

  static final List<Alert> ALL = List.of(fast(), slow(), stuck(), idle(), straggler());

  private JobAlerts() {}

  /**
   * Share of the jobs that ended in the window which the hardware ended. Those that never ran, and
   * those that somebody called off, say nothing of it.
   */
  private static Promql lost(String window, double burn) {
    return Promql.of(Metric.JOBS_FINISHED_TOTAL, "result=\"node_fail\"")
        .over("rate", window)
        .sumBy()
        .dividedBy(
            Promql.of(Metric.JOBS_FINISHED_TOTAL, "result!~\"refused|cancelled\"")
                .over("rate", window)
                .sumBy())
        .where("> %.3f".formatted(burn * BUDGET));
  }

  private static Promql several(String window) {
    return Promql.of(Metric.JOBS_FINISHED_TOTAL, "result=\"node_fail\"")
        .over("increase", window)
        .sumBy()
        .where("> " + LEAST_LOST);
  }

  private static Given ended(String result, String values) {
    return Given.of(
        Metric.JOBS_FINISHED_TOTAL, "partition=\"default\",result=\"" + result + "\"", values);
  }

  /** The usual pair of windows: the short one ends the alert soon after the cause has ended. */
  private static Alert fast() {
    return new Alert(
        "JobsLostFast",
        CRITICAL,
        lost("1h", FAST).and(lost("5m", FAST)).and(several("1h")),
        "2m",
        "",
        "More than 14 % of the jobs that ended within an hour were lost to hardware",
        "At this pace the month's allowance of lost jobs, 1 in 100, is spent in two days.",
        BoardId.FLEET,
        Trial.of(
                "1h20m",
                "1h45m",
                "2h40m",
                "",
                ended("completed", "0x59 1+1x640"),
                ended("refused", "0x179 100+100x520"),
                ended("cancelled", "0x179 100+100x520"),
                ended("node_fail", "0x19 2x39 2.1+0.1x119 15+1x119 134x400"))
            .quietTooAt("13m30s")); // all of two jobs
  }

  private static Alert slow() {
    return new Alert(
        "JobsLostSlowly",
        WARNING,
        lost("6h", SLOW).and(lost("30m", SLOW)).and(several("6h")),
        "15m",
        "",
        "More than 6 % of the jobs that ended within six hours were lost to hardware",
        "At this pace the month's allowance of lost jobs, 1 in 100, is spent in five days.",
        BoardId.FLEET,
        Trial.of(
                "1h20m",
                "2h30m",
                "4h10m",
                "",
                ended("completed", "0x59 9+9x640"),
                ended("refused", "0x179 100+100x520"),
                ended("cancelled", "0x179 100+100x520"),
                ended("node_fail", "0x19 2x39 2.5+0.5x119 63+1x239 302x300"))
            .quietTooAt("28m")); // all of two jobs
  }

  private static Alert stuck() {
    return new Alert(
        "JobStuck",
        WARNING,
        Promql.of(Metric.JOBS, "state=\"stuck\"").sumBy("partition").where("> 0"),
        "10m",
        "",
        "{{ $value }} jobs cannot be ended",
        "A process of theirs survives SIGKILL, most often in a driver call, or the node's bound of stops"
            + " holds; their accelerators stay taken.",
        BoardId.FLEET,
        Trial.of(
                "19m",
                "25m",
                "40m",
                "partition=\"default\"",
                Given.of(Metric.JOBS, "partition=\"default\",state=\"stuck\"", "0x19 1x39 0x60"),
                Given.of(Metric.JOBS, "partition=\"default\",state=\"completing\"", "3x120"))
            .saying("{{ $value }}", "1"));
  }

  private static Given utilization(int device, String values) {
    return Given.of(Metric.ACCELERATOR_UTILIZATION_RATIO, device(device), values);
  }

  private static String device(int number) {
    return "node=\"n1\",accelerator=\"%1$d\",uuid=\"GPU-%1$d\",vendor=\"nvidia\",model=\"B200\""
        .formatted(number);
  }

  private static Alert idle() {
    String held = "node=\"n1\",accelerator=\"%1$d\",uuid=\"GPU-%1$d\"," + JOB;
    return new Alert(
        "AcceleratorAllocatedIdle",
        INFO,
        Promql.of(Metric.ACCELERATOR_UTILIZATION_RATIO)
            .over("avg_over_time", "30m")
            .where("< 0.02")
            .joined(
                "*",
                Promql.of(Metric.ACCELERATOR_JOB_INFO),
                List.of("node", "uuid"),
                List.of("job_id", "user")),
        "30m",
        "",
        "Job {{ $labels.job_id }} of {{ $labels.user }} does not use accelerator"
            + " {{ $labels.accelerator }} of {{ $labels.node }}",
        "It was busy for less than 2 % of half an hour, twice in a row.",
        BoardId.JOB,
        Trial.of(
            "25m",
            "1h50m",
            "2h30m",
            device(3) + "," + JOB,
            utilization(3, "0.9x99 0x139 0.9x200"),
            utilization(4, "0.9x99 0.03x139 0.9x200"),
            utilization(5, "0x400"), // which no job has
            Given.of(Metric.ACCELERATOR_JOB_INFO, held.formatted(3), "1x400"),
            Given.of(Metric.ACCELERATOR_JOB_INFO, held.formatted(4), "1x400")));
  }

  private static Given clock(int device, String values) {
    return Given.of(Metric.ACCELERATOR_CLOCK_HERTZ, device(device) + ",domain=\"sm\"", values);
  }

  /** Of those that work: one that has nothing to do lowers its clock, and is no measure. */
  private static Promql busyClocks() {
    return Promql.of(Metric.ACCELERATOR_CLOCK_HERTZ, "domain=\"sm\"")
        .over("avg_over_time", "10m")
        .and(
            Promql.of(Metric.ACCELERATOR_UTILIZATION_RATIO)
                .over("avg_over_time", "10m")
                .where("> 0.8"),
            "node",
            "uuid");
  }

  private static Alert straggler() {
    return new Alert(
        "AcceleratorStraggler",
        WARNING,
        busyClocks()
            .joined(
                "<", busyClocks().medianBy("model").scaled("* 0.85"), List.of("model"), List.of()),
        "10m",
        "",
        "Accelerator {{ $labels.accelerator }} of {{ $labels.node }} runs slower than its like",
        "It is busy, and its clock is more than 15 % below the median of the busy {{ $labels.model }}: a job"
            + " that waits for all of its accelerators goes at its pace.",
        BoardId.ACCELERATOR,
        Trial.of(
            "15m",
            "35m",
            "1h10m",
            device(3) + ",domain=\"sm\"",
            clock(3, "1.8e9x19 1.2e9x79 1.8e9x90"),
            clock(4, "1.8e9x19 1.6e9x79 1.8e9x90"),
            clock(5, "1.8e9x19 1.2e9x79 1.8e9x90"), // as slow, but idle
            clock(6, "1.8e9x190"),
            clock(7, "1.8e9x190"),
            clock(8, "1.8e9x190"),
            clock(10, "0.3e9x190"), // more idle ones than busy ones
            clock(11, "0.3e9x190"),
            clock(12, "0.3e9x190"),
            clock(13, "0.3e9x190"),
            clock(14, "0.3e9x190"),
            clock(15, "0.3e9x190"),
            utilization(3, "0.9x190"),
            utilization(4, "0.9x190"),
            utilization(5, "0.1x190"),
            utilization(6, "0.9x190"),
            utilization(7, "0.9x190"),
            utilization(8, "0.9x190"),
            utilization(10, "0x190"),
            utilization(11, "0x190"),
            utilization(12, "0x190"),
            utilization(13, "0x190"),
            utilization(14, "0x190"),
            utilization(15, "0x190")));
  }
}
