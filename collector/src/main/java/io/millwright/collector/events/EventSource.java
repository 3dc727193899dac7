package io.millwright.collector.events;

/**
 * A session that brings events; one is not equal to another. Told on the thread {@code
 * event-store}; must not wait.
 */
public interface EventSource {
  /** All up to this one are durable. */
  void durable(long sequence);

  /**
   * Some could not be kept: the session is to end, so that the next one brings them again. Told
   * once; nothing that it brings is kept from then on.
   */
  void again(String why);
}
