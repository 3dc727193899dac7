package io.millwright.simulator.determinism;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A machine and the life of the agent that is there. */
final class Node {
  final String name;
  final Path files;
  final Machine machine;
  @Nullable SimulatedAgent agent;
  int lives;
  int awayUntil;
  int pausedUntil;

  Node(String name, Path files, Machine machine) {
    this.name = name;
    this.files = files;
    this.machine = machine;
  }
}
