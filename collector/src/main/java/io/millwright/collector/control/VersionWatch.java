package io.millwright.collector.control;

import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.NodeState;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/**
 * Since when each node has the agent version that it has, and what had happened on it until then.
 *
 * <p><i>Threading:</i> the thread {@code control} looks; {@link #stay} from any. <i>Failure:</i>
 * none. It begins anew with each start of the collector.
 */
public final class VersionWatch {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final ToLongFunction<String> events;
  private final Clock clock;
  private final Map<String, Stay> stays = new ConcurrentHashMap<>();
  private Optional<Long> lookedNanos = Optional.empty();

  /**
   * One version on one node.
   *
   * @param sinceNanos when it was seen first, by monotonic time
   * @param sinceMs the same by the wall clock
   * @param eventsBefore events of the node that were counted until then
   * @param sessions that the node began since
   * @param session epoch of the last of them
   */
  public record Stay(
      String version,
      long sinceNanos,
      long sinceMs,
      long eventsBefore,
      long sessions,
      long session) {}

  /**
   * @param events how many events of a node were counted since the collector's start
   */
  public VersionWatch(ToLongFunction<String> events, Clock clock) {
    this.events = events;
    this.clock = clock;
  }

  /** At the end of a turn; once a second is enough. */
  public void look(FleetState fleet) {
    long now = clock.nanos();
    if (lookedNanos.isPresent() && now - lookedNanos.get() < LOOK.toNanos()) {
      return;
    }
    lookedNanos = Optional.of(now);
    fleet.nodes().values().forEach(this::look);
  }

  private void look(NodeState node) {
    Stay stay = stays.get(node.name());
    if (stay == null || !stay.version().equals(node.agentVersion())) {
      stays.put(
          node.name(),
          new Stay(
              node.agentVersion(),
              clock.nanos(),
              clock.wall().toEpochMilli(),
              events.applyAsLong(node.name()),
              1,
              node.session()));
      return;
    }
    if (node.session() != 0 && node.session() != stay.session()) {
      stays.put(
          node.name(),
          new Stay(
              stay.version(),
              stay.sinceNanos(),
              stay.sinceMs(),
              stay.eventsBefore(),
              stay.sessions() + 1,
              node.session()));
    }
  }

  /** How long this node has its version; empty before the first look at it. */
  public Optional<Stay> stay(String node) {
    return Optional.ofNullable(stays.get(node));
  }

  /** Events of a node since it has its version. */
  public long events(String node, Stay stay) {
    return Math.max(0, events.applyAsLong(node) - stay.eventsBefore());
  }
}
