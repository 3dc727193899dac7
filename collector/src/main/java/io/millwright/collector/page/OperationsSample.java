package io.millwright.collector.page;

import io.millwright.collector.acceptance.Accepting;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.operations.Act;
import io.millwright.collector.operations.Board;
import io.millwright.collector.operations.NodeMark;
import io.millwright.collector.operations.Operations;
import io.millwright.collector.operations.OperationsDesk;
import io.millwright.collector.operations.Window;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What people and policy do about nodes, as readings of the catalogue's families. */
public final class OperationsSample {
  /** The words of {@code millwright_remediations_total} for what came of an act. */
  private static final Map<String, String> RESULTS =
      Map.of("done", "success", "refused", "failure", "lapsed", "skipped", "dry-run", "dry-run");

  private static final List<String> DRAIN_STATES = List.of("none", "draining", "drained");

  private OperationsSample() {}

  /**
   * @param alertmanager whether windows could be mirrored at the last look; empty where they are
   *     not
   */
  public static Sample of(
      OperationsDesk desk,
      Accepting accepting,
      FleetState fleet,
      Optional<Boolean> alertmanager,
      Clock clock) {
    Map<Series, Double> values = new LinkedHashMap<>();
    nodes(desk.board(), accepting, fleet, clock.nanos(), values);
    counts(desk, values);
    acts(desk.board().operations(), values);
    windows(desk.board().operations(), clock.wall().toEpochMilli(), values);
    desk.policy()
        .path()
        .ifPresent(file ->
            values.put(
                Series.of(Metric.COLLECTOR_POLICY_VALID),
                desk.policy().trouble().isEmpty() ? 1.0 : 0.0));
    alertmanager.ifPresent(
        up -> values.put(Series.of(Metric.COLLECTOR_ALERTMANAGER_UP), up ? 1.0 : 0.0));
    return FleetSample.sample(values);
  }

  private static void nodes(
      Board board,
      Accepting accepting,
      FleetState fleet,
      long nowNanos,
      Map<Series, Double> values) {
    for (NodeState node : fleet.nodes().values()) {
      NodeMark mark = board.mark(node.name());
      boolean out = mark.state() != NodeMark.State.IN_SERVICE;
      boolean failed =
          node.findings().node().filter(own -> own.verdict() == Verdict.FAILED).isPresent();
      boolean withheld = accepting.withheld(node.name()).isPresent();
      boolean able = !out && !failed && !withheld && node.link(nowNanos) == Link.CONNECTED;
      values.put(Series.of(Metric.NODE_SCHEDULABLE, node.name()), able ? 1.0 : 0.0);
      values.put(Series.of(Metric.NODE_CORDONED, node.name()), out ? 1.0 : 0.0);
      for (String state : DRAIN_STATES) {
        values.put(
            Series.of(Metric.NODE_DRAIN_STATE, node.name(), state),
            state.equals(drain(mark)) ? 1.0 : 0.0);
      }
    }
  }

  private static String drain(NodeMark mark) {
    return switch (mark.state()) {
      case IN_SERVICE, CORDONED -> "none";
      case DRAINING -> "draining";
      case DRAINED -> "drained";
    };
  }

  private static void counts(OperationsDesk desk, Map<Series, Double> values) {
    desk.counted()
        .forEach((counted, count) -> {
          values.put(
              Series.of(
                  Metric.COLLECTOR_POLICY_ACTS_TOTAL,
                  counted.rule(),
                  counted.action().word(),
                  counted.result()),
              (double) count);
          String result = RESULTS.get(counted.result());
          if (result != null) {
            counted
                .action()
                .remediation()
                .ifPresent(action ->
                    values.merge(
                        Series.of(Metric.REMEDIATIONS_TOTAL, action, result),
                        (double) count,
                        Double::sum));
          }
        });
  }

  private static void acts(Operations operations, Map<Series, Double> values) {
    for (Act act : operations.acts().values()) {
      if (act.stage().open()) {
        values.merge(
            Series.of(
                Metric.COLLECTOR_POLICY_ACTS,
                act.dry() ? "dry-run" : "act",
                act.action().word(),
                act.stage().word()),
            1.0,
            Double::sum);
      }
    }
  }

  private static void windows(Operations operations, long nowMs, Map<Series, Double> values) {
    for (Window.Phase phase : List.of(Window.Phase.PLANNED, Window.Phase.OPEN)) {
      values.put(
          Series.of(Metric.COLLECTOR_MAINTENANCE_WINDOWS, phase.name().toLowerCase(Locale.ROOT)),
          (double)
              operations.windows().values().stream()
                  .filter(window -> window.phase(nowMs) == phase)
                  .count());
    }
    values.put(
        Series.of(Metric.COLLECTOR_OVERRIDES),
        (double) operations.overrides().values().stream().filter(o -> o.holds(nowMs)).count());
  }
}
