package io.millwright.agent.events;

import io.millwright.protocol.vocabulary.event.NodeEvent;
import java.util.List;

/**
 * What was found and is not in the store yet. It is kept with the counts, in one file: an event is
 * counted and told, or neither, wherever the agent is killed.
 *
 * @param outgoing told, with their numbers, in order; some may be in the store already
 * @param waiting occurrences that go with the next roll-up, one entry a kind
 */
public record Pending(List<Entry> outgoing, List<NodeEvent> waiting) {
  public static final Pending NOTHING = new Pending(List.of(), List.of());

  public Pending {
    outgoing = List.copyOf(outgoing);
    waiting = List.copyOf(waiting);
  }

  /** The number of the last that was told; 0 for none. */
  public long newest() {
    return outgoing.isEmpty() ? 0 : outgoing.getLast().sequence();
  }
}
