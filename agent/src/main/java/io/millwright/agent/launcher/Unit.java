package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.List;
import java.util.Optional;

/**
 * A run as the node itself knows it, whatever the journal says.
 *
 * @param devices that were given to it
 * @param channel of IMEX that was
 */
public record Unit(
    RunId run, List<String> devices, Optional<ImexChannel> channel, Presence presence) {
  public Unit {
    devices = List.copyOf(devices);
  }

  /** Without a channel. */
  public Unit(RunId run, List<String> devices, Presence presence) {
    this(run, devices, Optional.empty(), presence);
  }
}
