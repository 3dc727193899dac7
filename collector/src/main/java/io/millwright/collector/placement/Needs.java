package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.util.OptionalLong;

/**
 * All of a job that its place depends on: two jobs of the same needs have the same answer.
 *
 * @param devices on each node
 * @param nodes how many
 * @param user whose processes they are
 * @param timeLimitMs until it is stopped; empty for no limit
 * @param stopGraceMs between the request to stop and the kill
 * @param checked whether its devices are checked around it
 * @param secrets whether it gets some, or names hooks
 * @param leased whether it is stopped without a renewal of its lease
 */
public record Needs(
    DeviceRequest devices,
    int nodes,
    String user,
    OptionalLong timeLimitMs,
    long stopGraceMs,
    boolean checked,
    boolean secrets,
    boolean leased) {

  public static Needs of(JobSpec spec) {
    return new Needs(
        spec.devices(),
        spec.nodes(),
        spec.user(),
        spec.timeLimitMs(),
        spec.stopGraceMs(),
        spec.checks().isPresent(),
        !spec.secrets().isEmpty() || !spec.hooks().isEmpty(),
        spec.lease().stops());
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
