package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.RunId;

/** What followed the end of a run whose job asks for restarts. */
public sealed interface Sequel {
  /** The run in its place. */
  record Next(RunId run) implements Sequel {}

  /**
   * None.
   *
   * @param why in words
   */
  record None(String why) implements Sequel {}
}
