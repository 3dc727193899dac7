package io.millwright.simulator.judgement;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What happens to racks of trays at once, and what an expert makes of it.
 *
 * @param racks of 18 trays each: a domain and a switch a rack, two racks a feed and a cooling loop
 */
record RackTrace(
    String name,
    String source,
    String why,
    int racks,
    long lastsSeconds,
    List<Trace.Timed<Step>> steps,
    Wanted wanted) {
  static final int TRAYS = 18;

  RackTrace {
    steps = List.copyOf(steps);
  }

  /** What happens. */
  sealed interface Step {
    /** On each of these trays. */
    record OnTrays(List<String> trays, Act act) implements Step {}

    /** Nothing of them reaches the collector any more, or it does again. */
    record Heard(List<String> trays, boolean heard) implements Step {}

    /** The collector ends and starts over what it stored; all agents connect anew. */
    record CollectorRestarts() implements Step {}

    /** A maintenance window. */
    record Window(List<String> trays, long untilSeconds) implements Step {}
  }

  /**
   * What the expert says of all of it.
   *
   * @param leastPages how often somebody is to be called at least
   * @param incidents how many there are; empty where that is open
   * @param cause word of what it is, as in {@code switch}
   * @param root tray and device where it began, as in {@code r0t6 1}
   * @param innocent whether nothing is to be held against the nodes
   */
  record Wanted(
      long leastPages,
      long mostPages,
      OptionalLong incidents,
      Optional<String> cause,
      Optional<String> root,
      boolean innocent) {}

  @Override
  public String toString() {
    return name;
  }
}
