package io.millwright.collector.export;

import io.millwright.protocol.bodies.Shown;
import java.time.Duration;
import java.util.Optional;

/** What came of sending a request. */
sealed interface Answer {
  /** All of it. */
  Answer TAKEN = new Taken(0, "");

  /**
   * The receiver has it.
   *
   * @param refused samples that it will never take
   * @param why it refuses them; empty where it says nothing
   */
  record Taken(long refused, String why) implements Answer {}

  /** The receiver calls it wrong, and would again. */
  record Refused(String why) implements Answer {}

  /**
   * It is to be sent again.
   *
   * @param limited whether the receiver asks for less
   * @param after how long it is; empty where the receiver does not say
   */
  record Again(String why, boolean limited, Optional<Duration> after) implements Answer {}

  /** A status, and what the receiver said to it. */
  static String status(int status, String said) {
    String words = said.strip();
    return "status %d%s".formatted(status, words.isEmpty() ? "" : ": " + Shown.text(words));
  }
}
