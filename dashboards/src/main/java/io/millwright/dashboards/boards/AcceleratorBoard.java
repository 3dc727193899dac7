package io.millwright.dashboards.boards;

import static io.millwright.dashboards.boards.Shared.DEVICE;
import static io.millwright.dashboards.boards.Shared.ENFORCED;
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
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** One accelerator: what it is, how it is, what it does. */
final class AcceleratorBoard {
  private static final String MILLIS = "* 1000";
  private static final List<String> DEVICES = List.of("accelerator", "node", "model");

  static final Board BOARD =
      new Board(
          BoardId.ACCELERATOR,
          "One accelerator: its verdict and why, its work, power, heat, memory and errors.",
          "now-1h",
          List.of(Variable.nodes(false), Variable.accelerators(false)),
          List.of(now(), work(), limits(), errors(), identity(), history()));

  private AcceleratorBoard() {}

  /** A family of the chosen accelerator. */
  private static Promql of(Metric metric, String... matchers) {
    return Promql.of(metric, here(matchers));
  }

  private static String[] here(String... matchers) {
    return Stream.concat(
            Arrays.stream(matchers), Stream.of("node=~\"$node\"", "accelerator=~\"$accelerator\""))
        .toArray(String[]::new);
  }

  private static Row now() {
    return Row.open(
        "Now",
        4,
        Panel.stat(
                4,
                "Verdict",
                Scale.WORD,
                Shared.verdict(
                    Metric.ACCELERATOR_HEALTH_STATE, new String[] {"node", "accelerator"}, here()),
                "What the health rules say. Failed and unknown accelerators take no new job.")
            .worded(Words.verdicts()),
        Panel.stat(
                4,
                "Answers",
                Scale.WORD,
                of(Metric.ACCELERATOR_UP).minBy(),
                "Whether it answered every mandatory question of the last round.")
            .worded(Words.ofTruth("no", "yes")),
        Panel.stat(
            4,
            "Utilization",
            Scale.RATIO,
            of(Metric.ACCELERATOR_UTILIZATION_RATIO).averageBy(),
            "Share of time in which some kernel ran: busy, not efficient."),
        Panel.stat(
            4,
            "Power",
            Scale.WATTS,
            of(Metric.ACCELERATOR_POWER_WATTS, OWN_POWER).sumBy(),
            "What the accelerator draws, averaged by itself over about a second."),
        Panel.stat(
            4,
            "Temperature",
            Scale.CELSIUS,
            of(Metric.ACCELERATOR_TEMPERATURE_CELSIUS, "sensor=\"core\"").maxBy(),
            "Of the core. The margin below says more: limits differ by product."),
        Panel.stat(
            4,
            "Memory used",
            Scale.BYTES,
            of(Metric.ACCELERATOR_MEMORY_USED_BYTES).sumBy(),
            "Device memory that is allocated."));
  }

  private static Row work() {
    return Row.open(
        "Work",
        8,
        Panel.lines(
                8, "Utilization and memory bandwidth", Scale.RATIO, "Share of time that it works.")
            .with(of(Metric.ACCELERATOR_UTILIZATION_RATIO), "kernels")
            .with(of(Metric.ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO), "memory bandwidth"),
        Panel.lines(8, "Memory of the accelerator", Scale.BYTES, "Allocated, of what there is.")
            .with(of(Metric.ACCELERATOR_MEMORY_USED_BYTES), "used")
            .with(of(Metric.ACCELERATOR_MEMORY_SIZE_BYTES), "size"),
        Panel.lines(
                8,
                "Clocks",
                Scale.HERTZ,
                "Current clocks. Low while it is busy: look at what holds it back.")
            .with(of(Metric.ACCELERATOR_CLOCK_HERTZ).maxBy("domain"), "{{domain}}"));
  }

  private static Row limits() {
    return Row.open(
        "Power and heat",
        8,
        Panel.lines(8, "Power and limit", Scale.WATTS, "What it draws and what it may draw.")
            .with(of(Metric.ACCELERATOR_POWER_WATTS, OWN_POWER), "power")
            .with(of(Metric.ACCELERATOR_POWER_LIMIT_WATTS, ENFORCED, OWN_POWER), "enforced limit"),
        Panel.lines(
                8,
                "Temperature and margin",
                Scale.CELSIUS,
                "The margin is what is left before it slows down; below 0 it has.")
            .with(of(Metric.ACCELERATOR_TEMPERATURE_CELSIUS).maxBy("sensor"), "{{sensor}}")
            .with(of(Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS), "margin"),
        Panel.lines(
                8,
                "Held back by reason",
                Scale.RATIO,
                "Share of time in which its clocks were limited, by what limited them.")
            .with(
                of(Metric.ACCELERATOR_THROTTLE_SECONDS_TOTAL, Shared.HELD_BACK)
                    .rate()
                    .maxBy("reason"),
                "{{reason}}"));
  }

  private static Row errors() {
    return Row.open(
        "Health",
        8,
        Panel.timeline(
                8,
                "Checks",
                Words.ofTruth("failing", "passing"),
                "What the health rules look at, and whether it passes. The alert names what fails.")
            .with(of(Metric.ACCELERATOR_HEALTH_CHECK).minBy("check"), "{{check}}"),
        Panel.table(
                8,
                "Error events",
                List.of("source", "code", "severity"),
                "Errors that the driver told, with the last time. The codes stand in the list of"
                    + " Xids.")
            .value(
                "last",
                Scale.TIME,
                of(Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS)
                    .where("> 0")
                    .scaled(MILLIS)
                    .maxBy("source", "code", "severity"))
            .value(
                "count",
                Scale.COUNT,
                of(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL)
                    .where("> 0")
                    .sumBy("source", "code", "severity")),
        Panel.lines(
                8,
                "Memory errors",
                Scale.COUNT,
                "ECC errors since the driver was loaded. Corrected ones in small numbers are normal.")
            .with(
                of(Metric.ACCELERATOR_ECC_ERRORS_TOTAL).sumBy("location", "severity"),
                "{{location}} {{severity}}"));
  }

  private static Row identity() {
    return Row.closed(
        "What it is",
        4,
        Panel.table(
                24,
                "Identity",
                List.of(
                    "accelerator",
                    "node",
                    "model",
                    "uuid",
                    "serial",
                    "pci_bus_id",
                    "driver_version",
                    "firmware_version"),
                "What a vendor asks for.")
            .value("present", Words.ofTruth("no", "yes"), of(Metric.ACCELERATOR_INFO)));
  }

  private static Row history() {
    return Row.closed(
        "Its history",
        7,
        Panel.table(
                8,
                "What the driver asks for",
                List.of("accelerator", "action"),
                "The driver's own word on what would heal the accelerator.")
            .value(
                "asked",
                Words.ofTruth("no", "yes"),
                of(Metric.ACCELERATOR_RECOVERY_ACTION)
                    .where("== 1")
                    .maxBy("accelerator", "action")),
        Panel.table(
                8,
                "Memory rows",
                DEVICES,
                "Rows that were replaced. Pending waits for a reset; failed is for the vendor.")
            .value(
                "corrected",
                Scale.COUNT,
                of(Metric.ACCELERATOR_MEMORY_REMAPPED_ROWS, "cause=\"correctable\"").maxBy(DEVICE))
            .value(
                "uncorrected",
                Scale.COUNT,
                of(Metric.ACCELERATOR_MEMORY_REMAPPED_ROWS, "cause=\"uncorrectable\"")
                    .maxBy(DEVICE))
            .value(
                "pending",
                Words.ofTrouble("no", "yes"),
                of(Metric.ACCELERATOR_MEMORY_REMAP_PENDING).maxBy(DEVICE))
            .value(
                "failed",
                Words.ofTrouble("no", "yes"),
                of(Metric.ACCELERATOR_MEMORY_REMAP_FAILED).maxBy(DEVICE)),
        Panel.table(
                8,
                "Memory errors of its life",
                List.of("location", "severity"),
                "ECC errors over the life of the accelerator, as it keeps them itself.")
            .value(
                "count",
                Scale.COUNT,
                of(Metric.ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL).sumBy("location", "severity")));
  }
}
