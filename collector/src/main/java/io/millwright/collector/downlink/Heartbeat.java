package io.millwright.collector.downlink;

import io.millwright.protocol.frames.Hash128;

/**
 * What an agent's PING says of its runs.
 *
 * @param number of the PING in its session; 0 before the first
 * @param status the newest of the agent's journal by then
 * @param runs digest of the open runs as they are with that status
 */
public record Heartbeat(long number, long status, Hash128 runs) {
  /** That nothing is said, as by an agent without jobs. */
  public static final Heartbeat NONE = new Heartbeat(0, 0, Hash128.NONE);

  /** Whether it says of runs what this says. */
  public boolean says(long other, Hash128 digest) {
    return status == other && runs.equals(digest);
  }
}
