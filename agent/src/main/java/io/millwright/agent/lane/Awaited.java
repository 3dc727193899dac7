package io.millwright.agent.lane;

import java.util.Optional;

/** In words, what the lanes of a vendor wait for since the agent or the driver began. */
final class Awaited {
  private Awaited() {}

  /**
   * @param call of the control lane that is in flight; empty where none is
   */
  static String driver(String vendor, Optional<CallClock.InFlight> call) {
    return "the driver of %s has not answered yet%s".formatted(vendor, words(call));
  }

  /**
   * Empty where each device that is counted was identified.
   *
   * @param call of a device's lane that is in flight; empty where none is
   */
  static Optional<String> devices(
      String vendor, int counted, int identified, Optional<CallClock.InFlight> call) {
    return identified >= counted
        ? Optional.empty()
        : Optional.of(
            "%d of %d accelerators that the driver of %s counts %s not been identified%s"
                .formatted(
                    counted - identified,
                    counted,
                    vendor,
                    counted - identified == 1 ? "has" : "have",
                    words(call)));
  }

  private static String words(Optional<CallClock.InFlight> call) {
    return call.map(flight ->
            ": %s has been in flight for %d s".formatted(flight.call(), flight.age().toSeconds()))
        .orElse("");
  }
}
