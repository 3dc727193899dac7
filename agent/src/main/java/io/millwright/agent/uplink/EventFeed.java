package io.millwright.agent.uplink;

import io.millwright.agent.events.Entry;
import io.millwright.agent.events.EventLog;
import io.millwright.protocol.bodies.EventBody;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Payload;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What of the events was sent in one session. A collector that acknowledges none gets so many and
 * no more. On the thread {@code uplink}.
 */
final class EventFeed {
  private static final int MOST_OUTSTANDING = 256;
  private static final int MOST_AT_ONCE = 32;

  private final EventLog events;
  private final Deque<Long> outstanding = new ArrayDeque<>();
  private long sent;
  private boolean asked;

  EventFeed(EventLog events) {
    this.events = events;
  }

  UUID journal() {
    return events.id();
  }

  long newest() {
    return events.newest();
  }

  /** The session begins behind what the collector has. */
  void resume(long durable) {
    sent = durable;
    events.acknowledged(durable);
  }

  void acknowledged(long durable) {
    while (!outstanding.isEmpty() && outstanding.getFirst() <= durable) {
      outstanding.removeFirst();
    }
    events.acknowledged(durable);
  }

  /**
   * Asks for the next, one question at a time.
   *
   * @param answer gets them on another thread; ends in {@link #answered}
   */
  void ask(Consumer<List<Frame.Event>> answer) {
    int room = Math.min(MOST_AT_ONCE, MOST_OUTSTANDING - outstanding.size());
    if (asked || room <= 0 || sent >= events.newest()) {
      return;
    }
    asked = true;
    events.after(sent, room, found -> answer.accept(found.stream().map(EventFeed::frame).toList()));
  }

  /** These are sent now. */
  void answered(List<Frame.Event> found) {
    asked = false;
    for (Frame.Event event : found) {
      outstanding.addLast(event.sequence());
      sent = event.sequence();
    }
  }

  private static Frame.Event frame(Entry entry) {
    return new Frame.Event(
        entry.sequence(),
        entry.atMs(),
        entry.event().kind(),
        Payload.of(EventBody.json(entry.event())));
  }
}
