package io.millwright.collector.downlink;

import io.millwright.protocol.frames.Frame;
import java.util.List;

/** The way to an agent while its session is open; after that nothing happens. Any thread. */
public interface Line {

  /** Sends these behind each other; never waits. */
  void send(List<? extends Frame> frames);

  /**
   * The newest heartbeat; the same object while the agent goes on saying that it has no runs, from
   * the second time on.
   */
  default Heartbeat heartbeat() {
    return Heartbeat.NONE;
  }

  /** Ends the session, so that the agent comes back and tells again what was not acknowledged. */
  void end(String why);
}
