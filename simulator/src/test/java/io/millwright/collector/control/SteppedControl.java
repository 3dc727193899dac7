package io.millwright.collector.control;

/**
 * The turns of a {@link Control} whose thread was not started. It stands in the package of what it
 * opens.
 */
public final class SteppedControl {
  private SteppedControl() {}

  /** All that waits is taken in, placed and told. */
  public static void turn(Control control) {
    control.turn();
  }
}
