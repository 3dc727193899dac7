package io.millwright.protocol.views;

import java.util.List;
import java.util.Map;

/**
 * What an accelerator told of one metric over the last minutes.
 *
 * @param node that it is in
 * @param accelerator its number there
 * @param labels the metric's own
 * @param stepSeconds what readings are put together over
 * @param steps the oldest first; one without readings is left out
 */
public record HistoryView(
    int schemaVersion,
    String node,
    String accelerator,
    String uuid,
    String metric,
    Map<String, String> labels,
    int stepSeconds,
    List<Step> steps) {
  public HistoryView {
    labels = Map.copyOf(labels);
    steps = List.copyOf(steps);
  }

  /**
   * The readings of one step, in the metric's base unit.
   *
   * @param timeMs when the step begins, by the collector's wall clock; readings count by their
   *     arrival, those that came late by their own time
   * @param readings how many
   */
  public record Step(long timeMs, double min, double mean, double max, int readings) {}
}
