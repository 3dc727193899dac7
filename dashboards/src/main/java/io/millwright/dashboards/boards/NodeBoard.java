package io.millwright.dashboards.boards;

import static io.millwright.dashboards.boards.Shared.DEVICE;
import static io.millwright.dashboards.boards.Shared.OWN_POWER;
import static io.millwright.dashboards.boards.Shared.THIS_NODE;
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
import java.util.List;

/** One node: how it is, its accelerators, its host. */
final class NodeBoard {
  private static final int MOST_OF_A_NODE = 16;

  static final Board BOARD =
      new Board(
          BoardId.NODE,
          "One node: its verdict, its accelerators and its host.",
          "now-1h",
          List.of(Variable.nodes(false)),
          List.of(now(), accelerators(), host(), storage(), details()));

  private NodeBoard() {}

  private static Row now() {
    return Row.open(
        "Now",
        4,
        Panel.stat(
                4,
                "Verdict of the node",
                Scale.WORD,
                Shared.verdict(Metric.NODE_HEALTH_STATE, new String[] {"node"}, THIS_NODE),
                "What the health rules say of the node. `millwright node` lists the evidence.")
            .worded(Words.verdicts()),
        Panel.stat(
            4,
            "Accelerators up",
            Scale.COUNT,
            Promql.of(Metric.ACCELERATOR_UP, WHOLE, THIS_NODE).sumBy(),
            "Accelerators that answer every mandatory question of their driver."),
        Panel.stat(
            4,
            "Power of accelerators",
            Scale.WATTS,
            Promql.of(Metric.ACCELERATOR_POWER_WATTS, OWN_POWER, THIS_NODE).sumBy(),
            "What the accelerators draw; not the host."),
        Panel.stat(
            4,
            "Memory available",
            Scale.BYTES,
            Promql.of(Metric.NODE_MEMORY_AVAILABLE_BYTES, THIS_NODE).minBy(),
            "Host memory that programs can still have."),
        Panel.stat(
            4,
            "Up for",
            Scale.SECONDS,
            Promql.of(Metric.NODE_BOOT_TIMESTAMP_SECONDS, THIS_NODE).age().minBy(),
            "Since the last boot."),
        Panel.stat(
                4,
                "Age of the node's data",
                Scale.SECONDS,
                Promql.of(Metric.COLLECTOR_NODE_LAST_SEEN_TIMESTAMP_SECONDS, THIS_NODE)
                    .age()
                    .maxBy(),
                "Since its last report reached the collector. Whether this screen can be trusted.")
            .step(Limits.NODE_SILENT_SECONDS, Words.RED, "MillwrightNodeSilent"));
  }

  private static Row accelerators() {
    return Row.open(
        "Accelerators",
        9,
        Panel.table(
                15,
                "Accelerators of this node",
                List.of("accelerator", "node", "model"),
                "Each accelerator in one line. A click leads to it.")
            .value(
                "verdict",
                Words.verdicts(),
                Shared.verdict(Metric.ACCELERATOR_HEALTH_STATE, DEVICE, THIS_NODE))
            .value(
                "utilization",
                Scale.RATIO,
                Promql.of(Metric.ACCELERATOR_UTILIZATION_RATIO, THIS_NODE).maxBy(DEVICE))
            .value(
                "power",
                Scale.WATTS,
                Promql.of(Metric.ACCELERATOR_POWER_WATTS, OWN_POWER, THIS_NODE).maxBy(DEVICE))
            .value(
                "temperature",
                Scale.CELSIUS,
                Promql.of(Metric.ACCELERATOR_TEMPERATURE_CELSIUS, "sensor=\"core\"", THIS_NODE)
                    .maxBy(DEVICE))
            .value(
                "memory used",
                Scale.BYTES,
                Promql.of(Metric.ACCELERATOR_MEMORY_USED_BYTES, THIS_NODE).maxBy(DEVICE))
            .value(
                "processes",
                Scale.COUNT,
                Promql.of(Metric.ACCELERATOR_PROCESSES, THIS_NODE).maxBy(DEVICE))
            .leadsTo(BoardId.ACCELERATOR),
        Panel.timeline(
                9,
                "Verdict of the accelerators",
                Words.verdicts(),
                "What the health rules say of each accelerator over time; the worst of them where there"
                    + " are more than sixteen.")
            .with(
                Shared.verdict(
                        Metric.ACCELERATOR_HEALTH_STATE,
                        new String[] {"node", "accelerator"},
                        THIS_NODE)
                    .highest(MOST_OF_A_NODE),
                "{{accelerator}}")
            .leadsTo(BoardId.ACCELERATOR));
  }

  private static Row host() {
    return Row.open(
        "Host",
        8,
        Panel.stack(
                6,
                "CPU by mode",
                Scale.RATIO,
                "Share of all CPUs that is not idle. High iowait: storage; high steal: a crowded guest.")
            .with(
                Promql.of(Metric.NODE_CPU_SECONDS_TOTAL, THIS_NODE, "mode!=\"idle\"")
                    .rate()
                    .sumBy("mode")
                    .joined(
                        "/",
                        Promql.of(Metric.NODE_CPUS, THIS_NODE, "state=\"online\"").sumBy(),
                        List.of(),
                        List.of()),
                "{{mode}}"),
        Panel.lines(6, "Memory", Scale.BYTES, "Host memory in use, of what there is.")
            .with(
                Promql.of(Metric.NODE_MEMORY_SIZE_BYTES, THIS_NODE)
                    .minus(Promql.of(Metric.NODE_MEMORY_AVAILABLE_BYTES, THIS_NODE)),
                "used")
            .with(Promql.of(Metric.NODE_MEMORY_SIZE_BYTES, THIS_NODE), "size"),
        Panel.lines(
                6,
                "Pressure",
                Scale.RATIO,
                "Share of time in which some task waits for CPU, memory or storage.")
            .with(
                Promql.of(Metric.NODE_PRESSURE_STALL_SECONDS_TOTAL, THIS_NODE, "kind=\"some\"")
                    .rate()
                    .maxBy("resource"),
                "{{resource}}"),
        Panel.lines(
                6,
                "Load",
                Scale.COUNT,
                "Tasks that run or wait, averaged. Far above the number of CPUs: too much work.")
            .with(Promql.of(Metric.NODE_LOAD_AVERAGE, THIS_NODE).maxBy("window"), "{{window}}"));
  }

  private static Row storage() {
    return Row.open(
        "Storage and network",
        8,
        Panel.lines(
                6,
                "Filesystems in use",
                Scale.RATIO,
                "Used share of each filesystem, the fullest twelve.")
            .with(
                Promql.of(Metric.NODE_FILESYSTEM_AVAILABLE_BYTES, THIS_NODE)
                    .dividedBy(Promql.of(Metric.NODE_FILESYSTEM_SIZE_BYTES, THIS_NODE))
                    .scaled("* -1 + 1")
                    .maxBy("mountpoint")
                    .highest(12),
                "{{mountpoint}}"),
        Panel.lines(
                6,
                "Disk throughput",
                Scale.BYTES_PER_SECOND,
                "Bytes read and written, the six busiest disks of each.")
            .with(
                Promql.of(Metric.NODE_DISK_READ_BYTES_TOTAL, THIS_NODE)
                    .rate()
                    .sumBy("device")
                    .highest(6),
                "{{device}} read")
            .with(
                Promql.of(Metric.NODE_DISK_WRITTEN_BYTES_TOTAL, THIS_NODE)
                    .rate()
                    .sumBy("device")
                    .highest(6),
                "{{device}} written"),
        Panel.lines(
                6,
                "Network throughput",
                Scale.BYTES_PER_SECOND,
                "Bytes received and sent, the six busiest of each.")
            .with(
                Promql.of(Metric.NODE_NETWORK_RECEIVE_BYTES_TOTAL, THIS_NODE)
                    .rate()
                    .sumBy("device")
                    .highest(6),
                "{{device}} received")
            .with(
                Promql.of(Metric.NODE_NETWORK_TRANSMIT_BYTES_TOTAL, THIS_NODE)
                    .rate()
                    .sumBy("device")
                    .highest(6),
                "{{device}} sent"),
        Panel.lines(
                6,
                "Network errors and drops",
                Scale.PER_SECOND,
                "Damaged and dropped packets, the six worst of each: 0 is good. Errors that stay: a cable, a transceiver.")
            .with(
                Promql.of(Metric.NODE_NETWORK_ERRORS_TOTAL, THIS_NODE)
                    .rate()
                    .sumBy("device")
                    .highest(6),
                "{{device}} errors")
            .with(
                Promql.of(Metric.NODE_NETWORK_DROPS_TOTAL, THIS_NODE)
                    .rate()
                    .sumBy("device")
                    .highest(6),
                "{{device}} drops"));
  }

  private static Row details() {
    return Row.closed(
        "More of the host",
        8,
        Panel.lines(
                6,
                "Host temperatures",
                Scale.CELSIUS,
                "The ten hottest sensors of board, CPUs, disks and network cards.")
            .with(
                Promql.of(Metric.NODE_TEMPERATURE_CELSIUS, THIS_NODE)
                    .maxBy("chip", "sensor")
                    .highest(10),
                "{{chip}} {{sensor}}"),
        Panel.lines(
                6,
                "Processes killed for memory",
                Scale.COUNT,
                "Programs that the kernel killed because memory ran out.")
            .with(Promql.of(Metric.NODE_OOM_KILLS_TOTAL, THIS_NODE).increase(), "{{node}}"),
        Panel.lines(
                6,
                "Kernel log",
                Scale.COUNT,
                "Lines of trouble that the kernel logged, in each window, by what they tell of.")
            .with(
                Promql.of(Metric.NODE_KERNEL_LOG_EVENTS_TOTAL, THIS_NODE)
                    .increase()
                    .sumBy("pattern"),
                "{{pattern}}"),
        Panel.table(
                6,
                "Filesystems",
                List.of("mountpoint", "fstype"),
                "A filesystem that went read-only or does not answer is a failing disk or a lost"
                    + " server.")
            .value(
                "mounted",
                Words.ofTrouble("read-write", "read-only"),
                Promql.of(Metric.NODE_FILESYSTEM_READONLY, THIS_NODE).maxBy("mountpoint", "fstype"))
            .value(
                "answers",
                Words.ofTruth("no", "yes"),
                Promql.of(Metric.NODE_FILESYSTEM_RESPONSIVE, THIS_NODE)
                    .minBy("mountpoint", "fstype")));
  }
}
