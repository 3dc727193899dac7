package io.millwright.simulator.judgement;

import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.Set;

/** What an expert says of a device, or of the node, at a time of a trace. */
sealed interface Label {
  int NODE = -1;

  /** Index of the device, or {@link #NODE}. */
  int subject();

  /**
   * It is to be taken out of use from now on.
   *
   * @param untilSeconds of the trace, when it may be used again
   * @param withinSeconds how soon it must be seen
   */
  record Remove(int subject, long untilSeconds, long withinSeconds) implements Label {}

  /** Taking it out of use from now on is neither asked for nor wrong. */
  record May(int subject, long untilSeconds) implements Label {}

  /** Something is to be said of it, but it may go on. */
  record Notice(int subject, long withinSeconds) implements Label {}

  /** It is well again by now. */
  record Clear(int subject) implements Label {}

  /** It is one of these now. */
  record Expect(int subject, Set<Verdict> verdicts) implements Label {
    public Expect {
      verdicts = Set.copyOf(verdicts);
    }
  }

  static String spoken(int subject) {
    return subject == NODE ? "node" : "device " + subject;
  }
}
