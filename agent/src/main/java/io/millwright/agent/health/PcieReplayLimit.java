package io.millwright.agent.health;

import io.millwright.protocol.health.Match;
import io.millwright.protocol.vocabulary.Metric;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * How many replays a PCIe link may have: a bit in 10^12 may be wrong, as the PCIe specification
 * allows, and each wrong one is one replay. That is what DCGM's health watch warns beyond.
 */
final class PcieReplayLimit {
  static final Match GENERATION = current(Metric.ACCELERATOR_PCIE_LINK_GENERATION);
  static final Match LANES = current(Metric.ACCELERATOR_PCIE_LINK_WIDTH_LANES);

  /** Bits a second of a lane, by generation from 1. */
  private static final double[] LANE_RATES = {2.5e9, 5e9, 8e9, 16e9, 32e9, 64e9};

  private static final double WRONG_BITS = 1e-12;
  private static final double MILLIS = 1e3;

  private PcieReplayLimit() {}

  private static Match current(Metric metric) {
    return new Match(metric, Map.of("state", Set.of("current")), Set.of());
  }

  /** NaN for a generation that is not known here, and for a link without lanes. */
  static double within(Duration window, double generation, double lanes) {
    int index = (int) generation - 1;
    return index >= 0 && index < LANE_RATES.length && lanes >= 1
        ? Math.ceil(WRONG_BITS * LANE_RATES[index] * lanes * window.toMillis() / MILLIS)
        : Double.NaN;
  }
}
