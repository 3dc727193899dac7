package io.millwright.collector.jobs;

import java.util.List;

/**
 * What became of reports; all of it is durable.
 *
 * @param acknowledged the highest sequence of that journal that the book has seen
 * @param applied what changed a run
 * @param ignored what was seen before, came late, or speaks of a run that is not on that node
 * @param gap whether a sequence was skipped: that report is lost, or the store is an older copy
 */
public record Reporting(
    long acknowledged, List<Report> applied, List<Report> ignored, boolean gap) {
  public Reporting {
    applied = List.copyOf(applied);
    ignored = List.copyOf(ignored);
  }
}
