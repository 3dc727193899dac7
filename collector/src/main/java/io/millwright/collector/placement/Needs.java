package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.Demand;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * All of a job that its place depends on: two jobs of the same needs have the same answer.
 *
 * @param devices on each node
 * @param nodes how many
 * @param user whose processes they are
 * @param timeLimitMs until it is stopped; empty for no limit
 * @param stopGraceMs between the request to stop and the kill
 * @param capabilities words that a node's agent must have said, in the order in which they are
 *     spoken of
 * @param apart from whichever runs of this project are open; empty where it may be beside them
 */
public record Needs(
    DeviceRequest devices,
    int nodes,
    String user,
    OptionalLong timeLimitMs,
    long stopGraceMs,
    List<String> capabilities,
    Optional<String> apart) {
  public Needs {
    capabilities = List.copyOf(capabilities);
  }

  public static Needs of(JobSpec spec) {
    return new Needs(
        spec.devices(),
        spec.nodes(),
        spec.user(),
        spec.timeLimitMs(),
        spec.stopGraceMs(),
        Demand.of(spec),
        spec.spread().map(domain -> spec.project()));
  }

  /** Whether fabric adapters near its accelerators serve it. */
  boolean adapters() {
    return nodes > 1 || devices.rdma();
  }

  /** How long it may take, its grace included; empty for no limit. */
  public OptionalLong longestMs() {
    return timeLimitMs.isPresent()
        ? OptionalLong.of(timeLimitMs.getAsLong() + stopGraceMs)
        : OptionalLong.empty();
  }
}
