package io.millwright.agent.launcher;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The most that a run may have on this node, and that may be done to its runs.
 *
 * @param runs at the same time
 * @param devices of one run
 * @param time from start to stop; also that of a job which names none
 * @param stopGrace between the request to stop and the kill
 * @param memoryBytes empty for no limit
 * @param cpus empty for no limit
 * @param tasks processes and threads of one run
 * @param shmBytes of a run's /dev/shm, which is never larger than the memory that it asks for;
 *     empty for the kernel's own limit, half of the node's memory
 * @param outputBytes that are kept at most of what a run prints; older ones are dropped, so that at
 *     least a quarter of this is there
 * @param stopsPerHour runs that the agent may have stopped within an hour; empty for no limit
 */
public record Limits(
    int runs,
    int devices,
    Duration time,
    Duration stopGrace,
    OptionalLong memoryBytes,
    OptionalInt cpus,
    int tasks,
    OptionalLong shmBytes,
    long outputBytes,
    OptionalInt stopsPerHour) {
  static final Limits STANDARD =
      new Limits(
          64,
          64,
          Duration.ofDays(366),
          Duration.ofHours(1),
          OptionalLong.empty(),
          OptionalInt.empty(),
          16_384,
          OptionalLong.empty(),
          16L << 20,
          OptionalInt.empty());
}
