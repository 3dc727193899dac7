package io.millwright.agent.lane;

import io.millwright.protocol.vocabulary.Fault;
import java.time.Duration;

/** How a lane's last round ended. */
public sealed interface RoundResult {
  Duration took();

  /** Which round of its lane it was, from 1; the same number is the same round. */
  long round();

  record Succeeded(long round, Duration took) implements RoundResult {}

  record Failed(long round, Duration took, Fault fault) implements RoundResult {}

  /** Nothing was done yet. */
  record Rested() implements RoundResult {
    @Override
    public Duration took() {
      return Duration.ZERO;
    }

    @Override
    public long round() {
      return 0;
    }
  }
}
