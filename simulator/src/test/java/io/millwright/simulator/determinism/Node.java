package io.millwright.simulator.determinism;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A machine and the life of the agent that is there. */
final class Node {
  final String name;
  final Path files;
  final Machine machine;
  final Platter platter;
  @Nullable SimulatedAgent agent;
  int lives;
  int awayUntil;
  int pausedUntil;

  /** Until then no collector is reached from there. */
  int cutOffUntil;

  Node(String name, Path files, Machine machine, Platter platter) {
    this.name = name;
    this.files = files;
    this.machine = machine;
    this.platter = platter;
  }
}
