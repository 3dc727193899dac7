package io.millwright.agent.lane;

import io.millwright.protocol.vocabulary.Sample;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the sampler asks at each tick and takes samples from: a lane with its source.
 *
 * <p><i>Threading:</i> all methods from the sampler's thread; none blocks.
 */
public interface Probe {

  /** The word of {@code millwright_agent_probe_up{probe}}; several lanes may share one. */
  String name();

  /** Asks for a round; refused while the one before has not ended. */
  boolean request(Tick tick);

  /** How the last round that ended did. */
  RoundResult last();

  /** What is to be shown now, not yet aged. */
  List<Sample> samples(Tick tick);

  /**
   * When a call that is in flight will count as hung, in monotonic nanoseconds; empty while none is
   * in flight. What is shown changes then, and not only at the next tick.
   */
  default OptionalLong overdueAtNanos() {
    return OptionalLong.empty();
  }
}
