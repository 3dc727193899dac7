package io.millwright.agent.events;

import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The numbered events of one node, as whoever carries them to the collector needs them. The agent's
 * is its {@link Chronicle}; a simulated node has one in memory. Any thread; none waits for a disk.
 */
public interface EventLog {
  /** Who numbers these events. */
  UUID id();

  /** The number of the last that is kept; 0 before the first. */
  long newest();

  /** Told when there is more, on a thread of the log's; must not wait. */
  void listen(Runnable told);

  /**
   * The first so many behind this number.
   *
   * @param answer gets them, on whatever thread; none where there are none
   */
  void after(long sequence, int most, Consumer<List<Entry>> answer);

  /** The collector has all up to this one durably. */
  void acknowledged(long sequence);
}
