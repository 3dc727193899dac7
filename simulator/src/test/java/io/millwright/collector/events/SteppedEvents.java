package io.millwright.collector.events;

/**
 * The turns of an {@link EventKeeper} whose thread was not started. It stands in the package of
 * what it opens.
 */
public final class SteppedEvents {
  private SteppedEvents() {}

  /** All that waits is stored and acknowledged. */
  public static void turn(EventKeeper keeper) {
    keeper.turn();
  }
}
