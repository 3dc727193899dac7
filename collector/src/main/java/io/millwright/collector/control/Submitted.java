package io.millwright.collector.control;

import io.millwright.collector.jobs.Run;

/** What became of a job that was submitted. */
public sealed interface Submitted {

  /** It is in the queue, durably. */
  record Queued(Run run) implements Submitted {}

  /** That very run was submitted before. */
  record Known(Run run) implements Submitted {}

  /** Its name is in use. */
  record Conflicting(String sentence) implements Submitted {}

  /** No node of the fleet could ever run it. */
  record Impossible(String sentence) implements Submitted {}
}
