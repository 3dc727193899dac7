package io.millwright.protocol.supervision;

import java.util.Optional;

/** A service as its watchkeeper looks at it. Called on the thread {@code watchdog}; quick. */
public interface Watched {
  /** What keeps it from its work, in one sentence; empty when it does it. */
  Optional<String> missing();

  /**
   * Which of its own loops stands still, in one sentence; empty when all turn. A device that does
   * not answer is no reason: killing the process would not mend it.
   */
  Optional<String> standingStill();

  /** One line about its work. */
  String status();
}
