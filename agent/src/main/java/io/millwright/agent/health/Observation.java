package io.millwright.agent.health;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that is known at one tick.
 *
 * @param nanos monotonic, of the clock that durations are held against
 * @param wallMs the wall clock
 * @param events that came since the tick before, in any order
 * @param holders the run that has a device, by its uuid
 * @param failing probes of the agent whose last round failed
 * @param answered probes that succeeded at least once since the agent began; of others it is known
 *     only whether they fail
 * @param awaited what the drivers have not answered yet, in words; empty where they have
 */
public record Observation(
    long nanos,
    long wallMs,
    NodeSnapshot snapshot,
    List<Event> events,
    Map<String, RunId> holders,
    Set<String> failing,
    Set<String> answered,
    String awaited) {
  public Observation {
    events = List.copyOf(events);
    holders = Map.copyOf(holders);
    failing = Set.copyOf(failing);
    answered = Set.copyOf(answered);
  }
}
