package io.millwright.agent.sampling;

import io.millwright.protocol.vocabulary.Fault;
import java.time.Duration;
import java.time.Instant;

/** Is told how the probes fare; the self-metrics stand behind it. On the sampler's thread. */
public interface ProbeLedger {

  /** All lanes of the probe succeeded in their last round. */
  void succeeded(String probe, Duration took, Instant at);

  /** A lane of the probe failed, or its round is overdue. */
  void failed(String probe, Duration took, Fault fault);

  /** A round was not begun because the one before had not ended. */
  void overran(String probe);
}
