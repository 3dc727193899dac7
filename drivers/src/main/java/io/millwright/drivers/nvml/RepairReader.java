package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_REMAP_BANKS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_REPAIR_PENDING;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/** What the device has left to repair itself with, and what waits for a reset: nvml.md 2.10. */
final class RepairReader implements Reader {
  /** In the order of {@code nvmlRowRemapperHistogramValues_t}. */
  private static final List<String> AVAILABILITIES =
      List.of("max", "high", "partial", "low", "none");

  private final int channel;
  private final int tpc;
  private final int[] banks;

  RepairReader(SeriesTable.Builder table, Accelerator accelerator) {
    channel = slow(table, Series.of(ACCELERATOR_REPAIR_PENDING, accelerator, "channel"));
    tpc = slow(table, Series.of(ACCELERATOR_REPAIR_PENDING, accelerator, "tpc"));
    banks =
        AVAILABILITIES.stream()
            .mapToInt(availability ->
                slow(table, Series.of(ACCELERATOR_MEMORY_REMAP_BANKS, accelerator, availability)))
            .toArray();
  }

  /** Whether the site sees this far. */
  static boolean wanted(SeriesTable.Builder table) {
    return table.wants(Metric.ACCELERATOR_REPAIR_PENDING);
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW) {
      return;
    }
    Nvml nvml = calls.nvml();
    long device = calls.device();
    long out = calls.out(0);
    calls.block().putInt(DeviceCalls.OUT, NvmlLayout.REPAIR_V1_VERSION);
    int code = nvml.repairStatus(device, out);
    calls.settleUnsigned(channel, code, NvmlLayout.REPAIR_CHANNEL, Prefix.NONE);
    calls.settleUnsigned(tpc, code, NvmlLayout.REPAIR_TPC, Prefix.NONE);
    int banksCode = nvml.remapBanks(device, out);
    for (int i = 0; i < banks.length; i++) {
      calls.settleUnsigned(banks[i], banksCode, i * Integer.BYTES, Prefix.NONE);
    }
  }

  private static int slow(SeriesTable.Builder table, Series series) {
    return table.add(Cadence.SLOW, series);
  }
}
