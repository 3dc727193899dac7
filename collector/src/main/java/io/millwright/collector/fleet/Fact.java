package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.List;
import java.util.Optional;

/** What a session tells the single writer. Times are the collector's own but where said. */
public sealed interface Fact {
  String node();

  /**
   * A session was opened.
   *
   * @param mode who gives the node's accelerators out, as in {@code assist}; empty where its agent
   *     does not say
   */
  record Connected(
      String node,
      long session,
      String agentVersion,
      long atNanos,
      long atWallMs,
      Optional<String> mode)
      implements Fact {
    /** By an agent that says no mode. */
    public Connected(String node, long session, String agentVersion, long atNanos, long atWallMs) {
      this(node, session, agentVersion, atNanos, atWallMs, Optional.empty());
    }
  }

  /** The session with this epoch has ended; a newer one stays. */
  record Disconnected(String node, long session, long atNanos, long atWallMs, String why)
      implements Fact {}

  /**
   * A sample arrived. Of several that wait, the newest of a node wins.
   *
   * @param clockOffsetMs how far the node's clock is ahead
   * @param told how its agent judges the node by it; empty where the agent judges nothing
   */
  record Sampled(
      String node,
      long session,
      long atNanos,
      long atWallMs,
      long clockOffsetMs,
      Readout sample,
      Optional<Verdict> told,
      List<AcceleratorState> accelerators)
      implements Fact {
    public Sampled {
      accelerators = List.copyOf(accelerators);
    }
  }

  /**
   * An agent has told why it judges as it does. Of several that wait, the newest of a node wins; it
   * comes before the sample that it belongs to.
   */
  record Judged(String node, long atWallMs, Findings findings) implements Fact {
    long session() {
      return findings.session();
    }
  }
}
