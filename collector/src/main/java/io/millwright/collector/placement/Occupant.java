package io.millwright.collector.placement;

import java.util.OptionalLong;
import java.util.Set;

/**
 * A run that has not ended on a node.
 *
 * @param devices UUIDs of what it has there
 * @param endMs wall clock by which it has ended at the latest, its grace included; empty where it
 *     has no time limit
 */
public record Occupant(String user, Set<String> devices, OptionalLong endMs) {
  public Occupant {
    devices = Set.copyOf(devices);
  }
}
