package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.Sample;
import java.util.List;

/**
 * What is known of one node.
 *
 * @param name of the node, as its certificate has it
 * @param agentVersion of the agent of the last session
 * @param session epoch of the session that is open; 0 where none is
 * @param arrivedNanos monotonic time, of the collector, of the last sample
 * @param arrivedWallMs the same by the collector's wall clock
 * @param clockOffsetMs how far the node's clock is ahead
 * @param sample its last readings; one without series before the first came
 * @param accelerators its devices, as its last sample shows them
 */
public record NodeState(
    String name,
    String agentVersion,
    long session,
    long arrivedNanos,
    long arrivedWallMs,
    long clockOffsetMs,
    Sample sample,
    List<AcceleratorState> accelerators) {
  public NodeState {
    accelerators = List.copyOf(accelerators);
  }

  /** As of now. */
  public Link link(long nowNanos) {
    return Link.of(nowNanos - arrivedNanos, session != 0);
  }

  /** Whether any of its accelerators is simulated. */
  public boolean simulated() {
    return accelerators.stream().anyMatch(AcceleratorState::simulated);
  }
}
