package io.millwright.simulator;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * What a demo shows.
 *
 * @param nodes how many
 * @param profile of all nodes; b200, h100 and trn3 in turn where there is none
 * @param longest how long the fleet is shown
 * @param port of the collector's page and REST; 0 for any free one
 * @param limitMilliwatts power limit of each accelerator; its own where there is none
 */
record DemoOptions(
    int nodes,
    Optional<SimulatedUp.Profile> profile,
    Optional<Duration> longest,
    int port,
    OptionalLong limitMilliwatts) {

  private static final List<SimulatedUp.Profile> MIXED =
      List.of(SimulatedUp.Profile.b200, SimulatedUp.Profile.h100, SimulatedUp.Profile.trn3);

  /** Whether there is a node for the sample job, whose program loads GPUs. */
  boolean runsSample() {
    return IntStream.range(0, nodes).anyMatch(node -> profileOf(node).neuron().isEmpty());
  }

  /** Names of the nodes, in order. */
  List<String> names() {
    return IntStream.rangeClosed(1, nodes).mapToObj(i -> "node" + i).toList();
  }

  /**
   * A GB200 tells no energy of its own, and as the smallest node it would get the sample job, which
   * is to show joules: it comes by its name only.
   */
  SimulatedUp.Profile profileOf(int node) {
    return profile.orElse(MIXED.get(node % MIXED.size()));
  }
}
