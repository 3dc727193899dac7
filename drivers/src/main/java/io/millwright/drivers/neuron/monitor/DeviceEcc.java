package io.millwright.drivers.neuron.monitor;

import java.util.List;
import java.util.Map;

/**
 * The ECC counters of one device.
 *
 * @param counts by {@link #KINDS}, those that the record has. The user guide calls them numbers of
 *     events and, other than for executions, does not say "in this period": they are taken for
 *     running counts
 */
public record DeviceEcc(int index, Map<String, Long> counts) {
  /** Where and how bad, as in {@code mem_ecc_corrected}. */
  public static final List<String> KINDS =
      List.of(
          "mem_ecc_corrected", "mem_ecc_uncorrected", "sram_ecc_corrected", "sram_ecc_uncorrected");

  public DeviceEcc {
    counts = Map.copyOf(counts);
  }
}
