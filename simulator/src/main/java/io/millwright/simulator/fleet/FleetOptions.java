package io.millwright.simulator.fleet;

import io.millwright.collector.trust.Authority;
import java.time.Duration;
import java.util.Optional;

/**
 * What a simulated fleet is.
 *
 * @param nodes how many, {@code sim00001} and on
 * @param host of the collector
 * @param port where the collector awaits agents
 * @param authority of the site, which issues every node's certificate; without it the sessions are
 *     in the clear, and the collector is on loopback
 * @param seed of the values, the faults and the churn
 * @param period from one sample of a node to its next
 * @param begunASecond sessions that are begun in a second at most, so that the door of the
 *     collector is not crowded
 * @param faultsAMinute how many faults begin in the whole fleet; each ends by itself
 * @param churnAMinute how many nodes go, and come back some seconds later
 */
public record FleetOptions(
    int nodes,
    String host,
    int port,
    Optional<Authority> authority,
    long seed,
    Duration period,
    int begunASecond,
    int faultsAMinute,
    int churnAMinute) {
  private static final int USUAL_BEGUN = 500;

  /** As many begin as a collector on a machine of its own lets in. */
  public FleetOptions(
      int nodes,
      String host,
      int port,
      Optional<Authority> authority,
      long seed,
      Duration period,
      int faultsAMinute,
      int churnAMinute) {
    this(nodes, host, port, authority, seed, period, USUAL_BEGUN, faultsAMinute, churnAMinute);
  }

  /** The name of a node, of which 0 is the first. */
  static String name(int index) {
    return "sim%05d".formatted(index + 1);
  }
}
