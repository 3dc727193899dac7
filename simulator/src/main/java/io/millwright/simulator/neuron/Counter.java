package io.millwright.simulator.neuron;

/**
 * A quantity as the driver shows it: {@code total}, {@code present}, which is the size of the last
 * change, and {@code peak}. 64 bits without sign; it wraps as the driver's does.
 */
final class Counter {
  private long total;
  private long present;
  private long peak;
  private long held;
  private long ever;

  /** Adds and shows it at once. */
  void add(long amount) {
    ever += amount;
    show(amount);
  }

  /** Adds what a driver before 2.30.2 shows when the process that owns the core closes it. */
  void hold(long amount) {
    ever += amount;
    held += amount;
  }

  /** Shows what was held. */
  void release() {
    if (held != 0) {
      show(held);
      held = 0;
    }
  }

  /** Takes away: memory that was freed. */
  void subtract(long amount) {
    total -= amount;
    present = amount;
  }

  private void show(long amount) {
    total += amount;
    present = amount;
    if (Long.compareUnsigned(total, peak) > 0) {
      peak = total;
    }
  }

  void clear() {
    total = 0;
    present = 0;
    peak = 0;
    held = 0;
  }

  long total() {
    return total;
  }

  /** All that was ever added, whatever the driver shows of it. */
  long ever() {
    return ever;
  }

  /**
   * @param measure {@code total}, {@code present} or {@code peak}
   */
  long measure(String measure) {
    return switch (measure) {
      case "total" -> total;
      case "present" -> present;
      case "peak" -> peak;
      default -> throw new IllegalArgumentException("no measure: " + measure);
    };
  }
}
