package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ADDRESSING_MODE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_C2C_MODE_ENABLED;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/**
 * How the device reaches the host's memory: whether the way between the chips of a Grace module is
 * switched on, and who translates addresses. A module without either works, and slowly: nvml.md
 * 2.3.
 */
final class CoherenceReader implements Reader {
  /** In the order of {@code NVML_DEVICE_ADDRESSING_MODE_*}. */
  private static final List<String> MODES = List.of("none", "hmm", "ats");

  private final int chipToChip;
  private final int[] modes;

  CoherenceReader(SeriesTable.Builder table, Accelerator accelerator) {
    chipToChip = table.add(Cadence.SLOW, Series.of(ACCELERATOR_C2C_MODE_ENABLED, accelerator));
    modes =
        MODES.stream()
            .mapToInt(mode ->
                table.add(Cadence.SLOW, Series.of(ACCELERATOR_ADDRESSING_MODE, accelerator, mode)))
            .toArray();
  }

  /** Whether the site sees this far. */
  static boolean wanted(SeriesTable.Builder table) {
    return table.wants(ACCELERATOR_ADDRESSING_MODE);
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW) {
      return;
    }
    int code = calls.nvml().chipToChip(calls.device(), calls.out(0));
    calls.settleUnsigned(chipToChip, code, Prefix.NONE);
    readAddressing(calls);
  }

  /** A mode without a word here leaves none of them at 1. */
  private void readAddressing(DeviceCalls calls) {
    calls.block().putInt(DeviceCalls.OUT, NvmlLayout.ADDRESSING_V1_VERSION);
    int code = calls.nvml().addressing(calls.device(), calls.out(0));
    boolean told = calls.succeeded(code);
    int mode = told ? calls.block().getInt(DeviceCalls.OUT + NvmlLayout.ADDRESSING_MODE) : 0;
    for (int i = 0; i < modes.length; i++) {
      calls.settle(modes[i], code, i == mode ? 1 : 0);
    }
  }
}
