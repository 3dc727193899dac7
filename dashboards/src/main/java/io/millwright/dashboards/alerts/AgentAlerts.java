package io.millwright.dashboards.alerts;

import static io.millwright.dashboards.alerts.Severity.CRITICAL;
import static io.millwright.dashboards.alerts.Severity.WARNING;

import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.promql.Promql;
import io.millwright.dashboards.promql.Scrapes;
import io.millwright.protocol.vocabulary.Metric;
import java.util.List;

/** Death and silence of agents. */
final class AgentAlerts {
  static final List<Alert> ALL =
      List.of(silent(), missing(), down(), stale(), restarts(), refused(), certificate());

  private AgentAlerts() {}

  private static Alert silent() {
    return new Alert(
        "MillwrightNodeSilent",
        CRITICAL,
        Promql.of(Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS)
            .age()
            .where("> " + Limits.NODE_SILENT_SECONDS),
        "1m",
        "",
        "Nothing came from node {{ $labels.node }} for {{ $value | humanizeDuration }}",
        "The node, its agent, or the network between it and the collector is gone. Its verdict is"
            + " unknown, and it takes no new job.",
        BoardId.NODE,
        Trial.of(
                "11m30s",
                "20m",
                "35m",
                "node=\"n1\"",
                Given.of(
                    Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS,
                    "node=\"n1\"",
                    "0+30x20 600x39 1830+30x20"),
                Given.of(
                    Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS, "node=\"n2\"", "-60+30x90"))
            .saying("{{ $value | humanizeDuration }}", "10m 0s"));
  }

  private static Given seen(String node, String collector, String values) {
    return Given.of(
            Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS, "node=\"" + node + "\"", values)
        .of("instance=\"" + collector + "\"");
  }

  /** A collector that begins anew knows only who came back: the others have no age to alert on. */
  private static Alert missing() {
    Promql known = Promql.of(Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS);
    String gone = "0x39 stale _x200";
    return new Alert(
        "MillwrightNodeMissing",
        CRITICAL,
        known
            .over("max_over_time", "1h")
            .unless(known, "node")
            .unless(Promql.reached(Scrapes.COLLECTOR).where("== 0"), "instance"),
        "10m",
        "",
        "Node {{ $labels.node }} has not come back to the collector",
        "The collector knew it within the last hour and does not know it now: it began anew, and the"
            + " node has not reported since. No other alert can tell of this node.",
        BoardId.NODE,
        Trial.of(
            "28m",
            "35m",
            "1h35m",
            "node=\"n1\",instance=\"c1:9461\"",
            seen("n1", "c1:9461", gone),
            seen("n2", "c1:9461", "0x39 stale _x9 1x190"), // came back
            seen("n3", "c1:9461", gone), // went to another collector
            seen("n3", "c2:9461", "_x45 1x194"),
            seen("n4", "c3:9461", gone), // whose collector is down
            Given.reached(Scrapes.COLLECTOR, "c1:9461", "1x39 0x3 1x196"),
            Given.reached(Scrapes.COLLECTOR, "c2:9461", "1x240"),
            Given.reached(Scrapes.COLLECTOR, "c3:9461", "1x39 0x200")));
  }

  private static Alert down() {
    return new Alert(
        "MillwrightAgentDown",
        WARNING,
        Promql.reached(Scrapes.AGENTS, "node").where("== 0"),
        "5m",
        "",
        "The agent of {{ $labels.node }} does not answer Prometheus at {{ $labels.instance }}",
        "Its own page cannot be read. Whether the collector still hears it says MillwrightNodeSilent.",
        BoardId.HEALTH,
        Trial.of(
            "14m",
            "20m",
            "35m",
            "instance=\"n1:9460\",job=\"millwright-agent\",node=\"n1\"",
            Given.reached(Scrapes.AGENTS, "n1:9460", "1x19 0x39 1x60").of("node=\"n1\""),
            Given.reached(Scrapes.AGENTS, "n2:9460", "1x120"),
            Given.reached("other", "n3:9100", "0x120")));
  }

  private static Alert stale() {
    String turns = "0+30x20 600x39 1830+30x60";
    return new Alert(
        "MillwrightProbeStale",
        WARNING,
        Promql.of(Metric.AGENT_PROBE_LAST_SUCCESS_TIMESTAMP_SECONDS, Limits.PERIODIC)
            .age()
            .where("> " + Limits.PROBE_STALE_SECONDS)
            .or(Promql.of(Metric.AGENT_PROBE_UP).where("== 0")),
        "5m",
        "",
        "Probe {{ $labels.probe }} of {{ $labels.node }} does not succeed",
        "What this probe reads is old or missing: it failed or hung for minutes, or never succeeded."
            + " Clocks of node and Prometheus that disagree by more than two minutes look the same.",
        BoardId.NODE,
        Trial.of(
                "16m",
                "25m",
                "35m",
                "node=\"n1\",probe=\"nvml\"",
                Given.of(
                    Metric.AGENT_PROBE_LAST_SUCCESS_TIMESTAMP_SECONDS,
                    "node=\"n1\",probe=\"nvml\"",
                    turns),
                Given.of(
                    Metric.AGENT_PROBE_LAST_SUCCESS_TIMESTAMP_SECONDS,
                    "node=\"n1\",probe=\"host\"",
                    "-120+30x120"),
                Given.of(
                    Metric.AGENT_PROBE_LAST_SUCCESS_TIMESTAMP_SECONDS,
                    "node=\"n1\",probe=\"kmsg\"",
                    "0x120"),
                probe("nvml", "1x200"),
                probe("host", "1x200"),
                probe("kmsg", "1x200"),
                probe("inventory", "_x69 0x69 1x60")) // which never succeeded before
            .firesTooAt("45m", "node=\"n1\",probe=\"inventory\"")
            .quietTooAt("1h15m"));
  }

  private static Given probe(String name, String values) {
    return Given.of(Metric.AGENT_PROBE_UP, "node=\"n1\",probe=\"" + name + "\"", values);
  }

  private static Alert restarts() {
    return new Alert(
        "MillwrightAgentRestarts",
        WARNING,
        Promql.of(Metric.AGENT_START_TIMESTAMP_SECONDS).over("changes", "1h").where("> 3"),
        "",
        "",
        "The agent of {{ $labels.node }} restarted {{ $value }} times within an hour",
        "Something ends it again and again; jobs run on meanwhile.",
        BoardId.NODE,
        Trial.of(
                "15m",
                "25m",
                "1h40m",
                "node=\"n1\"",
                Given.of(
                    Metric.AGENT_START_TIMESTAMP_SECONDS,
                    "node=\"n1\"",
                    "100x9 200x9 300x9 400x9 500x180"),
                Given.of(
                    Metric.AGENT_START_TIMESTAMP_SECONDS,
                    "node=\"n2\"",
                    "100x9 200x9 300x9 400x9 400x180"))
            .saying("{{ $value }}", "4"));
  }

  private static Alert refused() {
    return new Alert(
        "MillwrightConfigurationRefused",
        WARNING,
        Promql.of(Metric.AGENT_CONFIG_LAST_RELOAD_SUCCESSFUL).where("== 0"),
        "5m",
        "",
        "The agent of {{ $labels.node }} refused its configuration file",
        "The file that lies there now is faulty; the one of before is still in force, and the next"
            + " start would fail.",
        BoardId.NODE,
        Trial.of(
            "14m",
            "20m",
            "35m",
            "node=\"n1\"",
            Given.of(Metric.AGENT_CONFIG_LAST_RELOAD_SUCCESSFUL, "node=\"n1\"", "1x19 0x39 1x60"),
            Given.of(Metric.AGENT_CONFIG_LAST_RELOAD_SUCCESSFUL, "node=\"n2\"", "1x120")));
  }

  /** Due at 60 of 90 days, so that two weeks before the end it has failed for two weeks. */
  private static Alert certificate() {
    return new Alert(
        "MillwrightCertificateEnding",
        WARNING,
        Promql.of(Metric.AGENT_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS)
            .age()
            .where("> -" + Limits.CERTIFICATE_LEFT_SECONDS),
        "10m",
        "",
        "The certificate of {{ $labels.node }} ends within 14 days",
        "The agent has tried to have it renewed for two weeks. Once it has ended the node has no session:"
            + " jobs go on there, and no new one is placed.",
        BoardId.HEALTH,
        Trial.of(
            "15m",
            "25m",
            "45m",
            "node=\"n1\"",
            Given.of(
                Metric.AGENT_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS,
                "node=\"n1\"",
                "9000000x19 1200000x39 9000000x60"),
            Given.of(
                Metric.AGENT_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS, "node=\"n2\"", "9000000x120")));
  }
}
