package io.millwright.simulator.fleet;

import io.millwright.agent.events.Entry;
import io.millwright.agent.events.EventLog;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The events of one simulated node, in memory until the collector has them. They outlive the node's
 * sessions, as an agent's store does.
 *
 * <p><i>Threading:</i> any; nothing waits but for the others' few instructions.
 */
final class NodeLog implements EventLog {
  private final UUID id;
  private final Deque<Entry> kept = new ArrayDeque<>();
  private Runnable listener = () -> {};
  private long told;
  private long acknowledged;

  NodeLog(UUID id) {
    this.id = id;
  }

  void tell(long atMs, NodeEvent event) {
    Runnable listening;
    synchronized (kept) {
      told++;
      kept.addLast(new Entry(told, atMs, event));
      listening = listener;
    }
    listening.run();
  }

  /** Events so far. */
  long told() {
    synchronized (kept) {
      return told;
    }
  }

  /** Those of them that the collector has durably. */
  long acknowledged() {
    synchronized (kept) {
      return acknowledged;
    }
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public long newest() {
    return told();
  }

  @Override
  public void listen(Runnable told) {
    synchronized (kept) {
      listener = told;
    }
  }

  @Override
  public void after(long sequence, int most, Consumer<List<Entry>> answer) {
    List<Entry> found;
    synchronized (kept) {
      found = kept.stream().filter(entry -> entry.sequence() > sequence).limit(most).toList();
    }
    answer.accept(found);
  }

  @Override
  public void acknowledged(long sequence) {
    synchronized (kept) {
      acknowledged = Math.max(acknowledged, Math.min(sequence, told));
      while (!kept.isEmpty() && kept.getFirst().sequence() <= acknowledged) {
        kept.removeFirst();
      }
    }
  }
}
