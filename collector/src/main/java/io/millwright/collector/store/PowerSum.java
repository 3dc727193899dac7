package io.millwright.collector.store;

import java.util.OptionalDouble;

/**
 * What devices drew, by samples of their power.
 *
 * @param wattSeconds mean power times the time for which a run had the device, summed over the
 *     devices that were seen; empty where none was
 * @param seconds device time of these
 * @param peakWatts highest of one device
 */
public record PowerSum(OptionalDouble wattSeconds, double seconds, OptionalDouble peakWatts) {
  /** Mean over the devices that were seen; empty where none was. */
  public OptionalDouble meanWatts() {
    return wattSeconds.isPresent() && seconds > 0
        ? OptionalDouble.of(wattSeconds.getAsDouble() / seconds)
        : OptionalDouble.empty();
  }
}
