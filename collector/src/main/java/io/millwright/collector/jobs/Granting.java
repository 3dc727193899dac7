package io.millwright.collector.jobs;

/** What became of a placement. */
public sealed interface Granting {

  /** The run has its devices, durably. */
  record Granted(Run run) implements Granting {}

  /** Nothing was changed; the book is not what the planner was asked about. */
  record Refused(String sentence) implements Granting {}
}
