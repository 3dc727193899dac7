package io.millwright.dashboards.boards;

import static io.millwright.dashboards.boards.Shared.DEVICE;
import static io.millwright.dashboards.boards.Shared.ENFORCED;
import static io.millwright.dashboards.boards.Shared.OWN_POWER;
import static io.millwright.dashboards.boards.Shared.THIS_MODEL;
import static io.millwright.dashboards.boards.Shared.THIS_NODE;

import io.millwright.dashboards.grafana.Board;
import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.grafana.Panel;
import io.millwright.dashboards.grafana.Row;
import io.millwright.dashboards.grafana.Scale;
import io.millwright.dashboards.grafana.Variable;
import io.millwright.dashboards.promql.Promql;
import io.millwright.protocol.vocabulary.Metric;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Who draws what, how near the limits are, and who is held back by them. */
final class PowerBoard {
  private static final int LIST = 10;
  private static final String EACH = "{{node}}/{{accelerator}}";

  static final Board BOARD =
      new Board(
          BoardId.POWER,
          "Power, energy and heat of the accelerators: how near the limits are, who is held back.",
          "now-3h",
          List.of(Variable.nodes(true), Variable.models()),
          List.of(now(), draw(), heat()));

  private PowerBoard() {}

  private static Promql of(Metric metric, String... matchers) {
    return Promql.of(
        metric,
        Stream.concat(Arrays.stream(matchers), Stream.of(THIS_NODE, THIS_MODEL))
            .toArray(String[]::new));
  }

  private static Promql power(String... by) {
    return of(Metric.ACCELERATOR_POWER_WATTS, OWN_POWER).sumBy(by);
  }

  private static Promql limit(String... by) {
    return of(Metric.ACCELERATOR_POWER_LIMIT_WATTS, ENFORCED, OWN_POWER).sumBy(by);
  }

  private static Row now() {
    return Row.open(
        "Now",
        4,
        Panel.stat(4, "Power now", Scale.WATTS, power(), "Of the accelerators; not of the hosts."),
        Panel.stat(
            4,
            "Sum of the limits",
            Scale.WATTS,
            limit(),
            "What the accelerators may draw together if all of them work."),
        Panel.stat(
            4,
            "Headroom",
            Scale.WATTS,
            limit().minus(power()),
            "What is left below their own limits; the feeds' limits are not known here."),
        Panel.stat(
            4,
            "Energy, 24 h",
            Scale.JOULES,
            of(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, OWN_POWER).over("increase", "24h").sumBy(),
            "Counted by the accelerators themselves."),
        Panel.stat(
            4,
            "Smallest margin",
            Scale.CELSIUS,
            of(Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS).minBy(),
            "Degrees that the hottest accelerator has left before it slows down."),
        Panel.stat(
            4,
            "Accelerators held back",
            Scale.COUNT,
            of(Metric.ACCELERATOR_THROTTLE_ACTIVE, Shared.HELD_BACK).maxBy("node", "uuid").sumBy(),
            "Accelerators whose clocks are limited now by power or heat."));
  }

  private static Row draw() {
    return Row.open(
        "Power",
        8,
        Panel.stack(8, "Power by node", Scale.WATTS, "The twenty nodes that draw most.")
            .with(power("node").highest(20), "{{node}}")
            .leadsTo(BoardId.NODE),
        Panel.lines(
                8,
                "Power and limits",
                Scale.WATTS,
                "Sum of the power, and of the limits. The counters of energy give the same power; a"
                    + " gap between the two is a sensor that lies.")
            .with(power(), "power")
            .with(
                of(Metric.ACCELERATOR_ENERGY_JOULES_TOTAL, OWN_POWER).rate().sumBy(),
                "power by the energy counters")
            .with(limit(), "limits"),
        Panel.lines(
                8,
                "Nearest to their limit",
                Scale.RATIO,
                "Power as a share of the enforced limit, the ten highest.")
            .with(
                power("node", "accelerator").dividedBy(limit("node", "accelerator")).highest(LIST),
                EACH)
            .leadsTo(BoardId.ACCELERATOR));
  }

  private static Row heat() {
    return Row.open(
        "Heat",
        8,
        Panel.lines(
                8,
                "Smallest margins",
                Scale.CELSIUS,
                "Degrees left before an accelerator slows down, the ten lowest.")
            .with(
                of(Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS).minBy(DEVICE).lowest(LIST), EACH)
            .leadsTo(BoardId.ACCELERATOR),
        Panel.lines(
                8,
                "Hottest accelerators",
                Scale.CELSIUS,
                "The ten hottest cores. Compare only accelerators of one product.")
            .with(
                of(Metric.ACCELERATOR_TEMPERATURE_CELSIUS, "sensor=\"core\"")
                    .maxBy(DEVICE)
                    .highest(LIST),
                EACH)
            .leadsTo(BoardId.ACCELERATOR),
        Panel.lines(
                8,
                "Time held back by reason",
                Scale.RATIO,
                "Share of all accelerators' time in which their clocks were limited.")
            .with(
                of(Metric.ACCELERATOR_THROTTLE_SECONDS_TOTAL, Shared.HELD_BACK)
                    .rate()
                    .sumBy("reason")
                    .joined(
                        "/",
                        of(Metric.ACCELERATOR_UP, Promql.WHOLE).countBy(),
                        List.of(),
                        List.of()),
                "{{reason}}"));
  }
}
