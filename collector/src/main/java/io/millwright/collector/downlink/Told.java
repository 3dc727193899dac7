package io.millwright.collector.downlink;

import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.PowerBody;
import io.millwright.protocol.bodies.StatusBody;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.JournalHead;
import java.util.Set;
import java.util.UUID;

/** What a session tells of a node's jobs. */
public sealed interface Told {
  String node();

  /** Epoch of the session. */
  long session();

  /**
   * A session was opened.
   *
   * @param capabilities words of HELLO
   * @param journal of the node's jobs; of id 0 where it carries out none
   * @param address where other nodes reach the node: as its site said, else whence the session
   *     comes
   */
  record Opened(
      String node,
      long session,
      Set<String> capabilities,
      JournalHead journal,
      String address,
      Line line)
      implements Told {
    public Opened {
      capabilities = Set.copyOf(capabilities);
    }
  }

  record Closed(String node, long session) implements Told {}

  /** The answer to a desired state. */
  record Applied(String node, long session, Frame.Applied frame, AppliedBody body)
      implements Told {}

  /** How a run goes on. */
  record Reported(String node, long session, UUID journal, long sequence, StatusBody body)
      implements Told {}

  /** What a run has printed. */
  record Printed(String node, long session, Frame.Output output) implements Told {}

  /** What came of an order to hold accelerators to a power limit. */
  record Capped(String node, long session, long number, PowerBody body) implements Told {}

  /** The evidence that was wanted. */
  record Captured(String node, long session, long number, EvidenceBody body) implements Told {}

  /** A piece of an evidence bundle. */
  record Bundled(String node, long session, Frame.Bundle piece) implements Told {}
}
