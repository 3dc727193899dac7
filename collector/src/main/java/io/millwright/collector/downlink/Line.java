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

  /** The number of the newest PING, whatever it says; 0 before the first. */
  default long pinged() {
    return 0;
  }

  /** The monotonic time that it says, in nanoseconds; that of a later one where one comes now. */
  default long pingedNanos() {
    return 0;
  }

  /** Ends the session, so that the agent comes back and tells again what was not acknowledged. */
  void end(String why);
}
