package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESSES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_RATIO;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/** What the device is busy with: utilization, processes. */
final class LoadReader implements Reader {
  private static final long NO_ARRAY = 0;

  private final int utilization;
  private final ActivityReader activity;
  private final int processes;

  /**
   * @param activity comes first, and tells the bandwidth of the memory where it can
   */
  LoadReader(ActivityReader activity, SeriesTable.Builder table, Accelerator accelerator) {
    this.activity = activity;
    utilization = table.add(Cadence.FAST, Series.of(ACCELERATOR_UTILIZATION_RATIO, accelerator));
    processes = table.add(Cadence.SLOW, Series.of(ACCELERATOR_PROCESSES, accelerator));
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    switch (cadence) {
      case FAST -> readUtilization(calls);
      case SLOW -> readProcesses(calls);
      case MEDIUM, ONCE -> {}
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

  /**
   * Only the count is asked for, with room for none: what an entry measures differs between drivers
   * of 535 (24 or 32 bytes), and nothing is read from one here.
   */
  private void readProcesses(DeviceCalls calls) {
    calls.block().putInt(DeviceCalls.OUT, 0);
    int code = calls.nvml().computeProcesses(calls.device(), calls.out(0), NO_ARRAY);
    int counted = code == NvmlCode.INSUFFICIENT_SIZE ? NvmlCode.SUCCESS : code;
    calls.settleUnsigned(processes, counted, Prefix.NONE);
  }
}
