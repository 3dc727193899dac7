package io.millwright.collector.jobs;

/** What became of a job that was submitted. */
public sealed interface Submission {

  /** A new run is in the queue, durably. */
  record Accepted(Run run) implements Submission {}

  /** The same job was submitted before; this is its run. */
  record Known(Run run) implements Submission {}

  /**
   * Nothing was changed.
   *
   * @param sentence with the field, what was given and what is allowed
   */
  record Refused(String sentence) implements Submission {}
}
