package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.RunId;
import java.util.List;

/**
 * A run as the node itself knows it, whatever the journal says.
 *
 * @param devices that were given to it
 */
public record Unit(RunId run, List<String> devices, Presence presence) {
  public Unit {
    devices = List.copyOf(devices);
  }
}
