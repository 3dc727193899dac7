package io.millwright.agent.lane;

import io.millwright.protocol.vocabulary.Fault;
import java.time.Duration;

/** How a lane's last round ended. */
public sealed interface RoundResult {
  Duration took();

  record Succeeded(Duration took) implements RoundResult {}

  record Failed(Duration took, Fault fault) implements RoundResult {}

  /** Nothing was done yet. */
  record Rested() implements RoundResult {
    @Override
    public Duration took() {
      return Duration.ZERO;
    }
  }
}
