package io.millwright.protocol.views;

import java.util.List;

/**
 * A run that only its node knows.
 *
 * @param job its name there
 * @param run its number there
 * @param devices UUIDs of the accelerators that it keeps
 */
public record UnclaimedView(String node, String job, int run, List<String> devices) {
  public UnclaimedView {
    devices = List.copyOf(devices);
  }
}
