package io.millwright.dashboards.alerts;

import static io.millwright.dashboards.alerts.Severity.CRITICAL;
import static io.millwright.dashboards.alerts.Severity.INFO;
import static io.millwright.dashboards.alerts.Severity.WARNING;

import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.promql.Promql;
import io.millwright.protocol.vocabulary.Metric;
import java.util.List;

/** Rates of the host that no health rule judges. */
final class HostAlerts {
  private static final long DAY_SECONDS = 86_400;

  static final List<Alert> ALL =
      List.of(filling(), uncorrected(), corrected(), pressure(), killed(), networkErrors());

  private HostAlerts() {}

  /** A full one is judged; this is the day before. */
  private static Alert filling() {
    String disk = "mountpoint=\"/\",device=\"/dev/sda1\",fstype=\"ext4\"";
    return new Alert(
        "NodeFilesystemFilling",
        WARNING,
        Promql.of(Metric.NODE_FILESYSTEM_AVAILABLE_BYTES)
            .predicted("6h", DAY_SECONDS)
            .where("< 0")
            .and(
                Promql.of(Metric.NODE_FILESYSTEM_AVAILABLE_BYTES)
                    .dividedBy(Promql.of(Metric.NODE_FILESYSTEM_SIZE_BYTES))
                    .where("< 0.2"),
                "node",
                "mountpoint"),
        "1h",
        "",
        "{{ $labels.mountpoint }} of {{ $labels.node }} will be full within a day",
        "At the pace of the last six hours. Less than 20 % is left now.",
        BoardId.NODE,
        Trial.of(
            "50m",
            "2h",
            "3h30m",
            "node=\"n1\"," + disk,
            Given.of(
                Metric.NODE_FILESYSTEM_AVAILABLE_BYTES,
                "node=\"n1\"," + disk,
                "190-0.1x299 900x200"),
            Given.of(Metric.NODE_FILESYSTEM_SIZE_BYTES, "node=\"n1\"," + disk, "1000x500"),
            Given.of(Metric.NODE_FILESYSTEM_AVAILABLE_BYTES, "node=\"n2\"," + disk, "390-0.1x499"),
            Given.of(Metric.NODE_FILESYSTEM_SIZE_BYTES, "node=\"n2\"," + disk, "1000x500"),
            Given.of(Metric.NODE_FILESYSTEM_AVAILABLE_BYTES, "node=\"n3\"," + disk, "190x500"),
            Given.of(Metric.NODE_FILESYSTEM_SIZE_BYTES, "node=\"n3\"," + disk, "1000x500")));
  }

  private static Given memoryErrors(String node, String severity, String values) {
    return Given.of(
        Metric.NODE_MEMORY_ECC_ERRORS_TOTAL,
        "node=\"" + node + "\",controller=\"mc0\",severity=\"" + severity + "\"",
        values);
  }

  private static Promql memoryErrors(String severity) {
    return Promql.of(Metric.NODE_MEMORY_ECC_ERRORS_TOTAL, "severity=\"" + severity + "\"")
        .over("increase", "1h")
        .sumBy("node", "controller");
  }

  private static Alert uncorrected() {
    return new Alert(
        "NodeMemoryErrorsUncorrected",
        CRITICAL,
        memoryErrors("uncorrected").where("> 0"),
        "",
        "",
        "Host memory of {{ $labels.node }} lost data ({{ $labels.controller }})",
        "An error of the host's memory could not be corrected within the last hour.",
        BoardId.NODE,
        Trial.of(
            "9m",
            "20m",
            "1h20m",
            "node=\"n1\",controller=\"mc0\"",
            memoryErrors("n1", "uncorrected", "0x19 1x200"),
            memoryErrors("n2", "uncorrected", "1x220"), // long ago
            memoryErrors("n2", "corrected", "0+1x220")));
  }

  private static Alert corrected() {
    return new Alert(
        "NodeMemoryErrorsCorrected",
        WARNING,
        memoryErrors("corrected").where("> 100"),
        "15m",
        "",
        "Host memory of {{ $labels.node }} corrects many errors ({{ $labels.controller }})",
        "More than 100 within an hour: a module that is about to fail.",
        BoardId.NODE,
        Trial.of(
            "20m",
            "1h20m",
            "3h",
            "node=\"n1\",controller=\"mc0\"",
            memoryErrors("n1", "corrected", "0x19 2+2x159 320x300"),
            memoryErrors("n2", "corrected", "0+0.5x480")));
  }

  private static Given stalls(String node, String kind, String values) {
    return Given.of(
        Metric.NODE_PRESSURE_STALL_SECONDS_TOTAL,
        "node=\"%s\",resource=\"memory\",kind=\"%s\"".formatted(node, kind),
        values);
  }

  private static Alert pressure() {
    return new Alert(
        "NodeMemoryPressure",
        WARNING,
        Promql.of(Metric.NODE_PRESSURE_STALL_SECONDS_TOTAL, "resource=\"memory\"", "kind=\"full\"")
            .over("rate", "5m")
            .where("> 0.1"),
        "15m",
        "",
        "{{ $labels.node }} stands still for {{ $value | humanizePercentage }} of the time for want"
            + " of memory",
        "All of its programs wait for memory at once; the kernel will soon kill one.",
        BoardId.NODE,
        Trial.of(
                "20m",
                "35m",
                "1h10m",
                "node=\"n1\",resource=\"memory\",kind=\"full\"",
                stalls("n1", "full", "0x19 6+6x79 480x90"),
                stalls("n2", "full", "0+2x190"),
                stalls("n2", "some", "0+20x190"))
            .saying("{{ $value | humanizePercentage }}", "20%"));
  }

  private static Alert killed() {
    return new Alert(
        "NodeProgramsKilled",
        INFO,
        Promql.of(Metric.NODE_OOM_KILLS_TOTAL).over("increase", "15m").where("> 0"),
        "",
        "",
        "The kernel of {{ $labels.node }} killed a program for want of memory",
        "Within the last 15 minutes. The kernel's log names the program.",
        BoardId.NODE,
        Trial.of(
            "9m",
            "15m",
            "40m",
            "node=\"n1\"",
            Given.of(Metric.NODE_OOM_KILLS_TOTAL, "node=\"n1\"", "0x19 1x90"),
            Given.of(Metric.NODE_OOM_KILLS_TOTAL, "node=\"n2\"", "5x110")));
  }

  private static Given damaged(String node, String values) {
    return Given.of(
        Metric.NODE_NETWORK_ERRORS_TOTAL,
        "node=\"" + node + "\",device=\"eth0\",direction=\"receive\"",
        values);
  }

  private static Alert networkErrors() {
    return new Alert(
        "NodeNetworkErrors",
        WARNING,
        Promql.of(Metric.NODE_NETWORK_ERRORS_TOTAL).over("rate", "10m").where("> 1"),
        "15m",
        "",
        "{{ $labels.device }} of {{ $labels.node }} damages packets ({{ $labels.direction }})",
        "More than one a second for a quarter of an hour: a cable, a transceiver or a port.",
        BoardId.NODE,
        Trial.of(
            "20m",
            "40m",
            "1h20m",
            "node=\"n1\",device=\"eth0\",direction=\"receive\"",
            damaged("n1", "0x19 60+60x79 4800x120"),
            damaged("n2", "0+15x220")));
  }
}
