package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_BAR1_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_BAR1_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_FREE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_RESERVED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_RATIO;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/** What the device is busy with: utilization and memory. */
final class LoadReader implements Reader {
  private static final int NOT_WANTED = -1;

  private final int utilization;
  private final ActivityReader activity;
  private final int memorySize;
  private final int memoryUsed;
  private final int memoryFree;
  private final int memoryReserved;
  private final int apertureSize;
  private final int apertureUsed;

  /**
   * @param activity comes first, and tells the bandwidth of the memory where it can
   */
  LoadReader(ActivityReader activity, SeriesTable.Builder table, Accelerator accelerator) {
    this.activity = activity;
    utilization = table.add(Cadence.FAST, Series.of(ACCELERATOR_UTILIZATION_RATIO, accelerator));
    memorySize = table.add(Cadence.MEDIUM, Series.of(ACCELERATOR_MEMORY_SIZE_BYTES, accelerator));
    memoryUsed = table.add(Cadence.MEDIUM, Series.of(ACCELERATOR_MEMORY_USED_BYTES, accelerator));
    memoryFree = table.add(Cadence.MEDIUM, Series.of(ACCELERATOR_MEMORY_FREE_BYTES, accelerator));
    memoryReserved =
        wanted(table, Cadence.MEDIUM, Series.of(ACCELERATOR_MEMORY_RESERVED_BYTES, accelerator));
    apertureSize =
        wanted(table, Cadence.SLOW, Series.of(ACCELERATOR_BAR1_MEMORY_SIZE_BYTES, accelerator));
    apertureUsed =
        wanted(table, Cadence.SLOW, Series.of(ACCELERATOR_BAR1_MEMORY_USED_BYTES, accelerator));
  }

  private static int wanted(SeriesTable.Builder table, Cadence cadence, Series series) {
    return table.wants(series.metric()) ? table.add(cadence, series) : NOT_WANTED;
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    switch (cadence) {
      case FAST -> readUtilization(calls);
      case MEDIUM -> readMemory(calls);
      case SLOW -> readAperture(calls);
      case ONCE -> {}
    }
  }

  private void readUtilization(DeviceCalls calls) {
    int code = calls.nvml().utilization(calls.device(), calls.out(0));
    calls.settleUnsigned(utilization, code, NvmlLayout.UTILIZATION_GPU, Prefix.PERCENT);
    if (!activity.tellsBandwidth()) {
      int bandwidth = activity.bandwidthSlot();
      calls.settleUnsigned(bandwidth, code, NvmlLayout.UTILIZATION_MEMORY, Prefix.PERCENT);
    }
  }

  private void readMemory(DeviceCalls calls) {
    calls.block().putInt(DeviceCalls.OUT, NvmlLayout.MEMORY_V2_VERSION);
    int code = calls.nvml().memory(calls.device(), calls.out(0));
    if (NvmlCode.fallsBack(code)) {
      readFirstMemory(calls);
      return;
    }
    calls.succeeded(code);
    settleBytes(calls, memorySize, code, NvmlLayout.MEMORY_TOTAL);
    settleBytes(calls, memoryUsed, code, NvmlLayout.MEMORY_USED);
    settleBytes(calls, memoryFree, code, NvmlLayout.MEMORY_FREE);
    settleBytes(calls, memoryReserved, code, NvmlLayout.MEMORY_RESERVED);
  }

  /** Its "used" has in it what the driver keeps, which ours has not: absent. */
  private void readFirstMemory(DeviceCalls calls) {
    int code = calls.nvml().firstMemory(calls.device(), calls.out(0));
    calls.succeeded(code);
    settleBytes(calls, memorySize, code, NvmlLayout.MEMORY_V1_TOTAL);
    settleBytes(calls, memoryFree, code, NvmlLayout.MEMORY_V1_FREE);
    calls.unsupported(memoryUsed);
    if (memoryReserved != NOT_WANTED) {
      calls.unsupported(memoryReserved);
    }
  }

  private void readAperture(DeviceCalls calls) {
    if (apertureSize == NOT_WANTED) {
      return;
    }
    int code = calls.nvml().aperture(calls.device(), calls.out(0));
    calls.succeeded(code);
    settleBytes(calls, apertureSize, code, NvmlLayout.APERTURE_TOTAL);
    settleBytes(calls, apertureUsed, code, NvmlLayout.APERTURE_USED);
  }

  private static void settleBytes(DeviceCalls calls, int slot, int code, int offset) {
    if (slot == NOT_WANTED) {
      return;
    }
    boolean read = code == NvmlCode.SUCCESS;
    calls.settle(slot, code, read ? (double) calls.block().getLong(DeviceCalls.OUT + offset) : 0);
  }
}
