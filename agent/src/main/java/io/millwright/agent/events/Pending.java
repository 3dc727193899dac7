package io.millwright.agent.events;

import io.millwright.protocol.vocabulary.event.NodeEvent;
import java.util.List;

/**
 * What was found and is not in the store yet. It is kept with the counts, in one file: an event is
 * counted and told, or neither, wherever the agent is killed.
 *
 * @param outgoing told, with their numbers, in order; some may be in the store already
 * @param waiting occurrences that go with the next roll-up, one entry a kind
 * @param acknowledged the collector had all up to this one when this was made; 0 for none
 */
public record Pending(List<Entry> outgoing, List<NodeEvent> waiting, long acknowledged) {
  public static final Pending NOTHING = new Pending(List.of(), List.of(), 0);

  public Pending {
    outgoing = List.copyOf(outgoing);
    waiting = List.copyOf(waiting);
  }

  /** Nothing but how far the collector had them. */
  public boolean isEmpty() {
    return outgoing.isEmpty() && waiting.isEmpty();
  }

  /** The newer half of what was told, and the earlier half of what waits. */
  public Pending halved() {
    return new Pending(
        outgoing.subList((outgoing.size() + 1) / 2, outgoing.size()),
        waiting.subList(0, waiting.size() / 2),
        acknowledged);
  }

  /** The number of the last that was told; 0 for none. */
  public long newest() {
    return outgoing.isEmpty() ? 0 : outgoing.getLast().sequence();
  }
}
