package io.millwright.collector.events;

import io.millwright.protocol.vocabulary.event.NodeEvent;
import java.util.UUID;

/** Where sessions bring events to. Any thread; nothing waits. */
public interface EventSink {
  /** One that keeps nothing and acknowledges nothing. */
  EventSink NONE =
      new EventSink() {
        @Override
        public long opened(String node, UUID journal) {
          return 0;
        }

        @Override
        public void tell(Told told) {
          // nobody keeps it
        }
      };

  /**
   * A node's session is open.
   *
   * @param journal that numbers its events; 0 where it tells none
   * @return the newest that is kept of this journal
   */
  long opened(String node, UUID journal);

  void tell(Told told);

  /**
   * An event as it came.
   *
   * @param atMs when it was told, by the node's clock
   */
  record Told(
      String node, UUID journal, long sequence, long atMs, NodeEvent event, EventSource source) {}
}
