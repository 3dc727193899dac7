package io.millwright.collector.remotewrite;

import java.time.Duration;
import java.util.Optional;

/** What came of sending a request. */
sealed interface Answer {

  /** The receiver has it. */
  record Taken() implements Answer {}

  /** The receiver calls it wrong, and would again. */
  record Refused(String why) implements Answer {}

  /**
   * It is to be sent again.
   *
   * @param limited whether the receiver asks for less
   * @param after how long it is; empty where the receiver does not say
   */
  record Again(String why, boolean limited, Optional<Duration> after) implements Answer {}
}
