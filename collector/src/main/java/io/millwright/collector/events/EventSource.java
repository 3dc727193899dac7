package io.millwright.collector.events;

/** A session that brings events. Told on the thread {@code event-store}; must not wait. */
public interface EventSource {
  /** All up to this one are durable. */
  void durable(long sequence);

  /** Some could not be kept: the session is to end, so that the next one brings them again. */
  void again(String why);
}
