package io.millwright.agent.downlink;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When the last heartbeats of a session were sent, by their numbers. Owned by one thread. */
final class SentPings {
  private static final int KEPT = 16;

  private final @Nullable Duration[] sent = new Duration[KEPT];
  private long newest;

  /**
   * @param number one more than that of the last; 1 begins another session
   * @param at since the boot
   */
  void sent(long number, Duration at) {
    newest = number;
    sent[(int) (number % KEPT)] = at;
  }

  /** Empty for one that was not sent in this session, or is long past. */
  Optional<Duration> when(long number) {
    return number >= 1 && number <= newest && newest - number < KEPT
        ? Optional.ofNullable(sent[(int) (number % KEPT)])
        : Optional.empty();
  }
}
