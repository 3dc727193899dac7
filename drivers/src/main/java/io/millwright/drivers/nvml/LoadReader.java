package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_BAR1_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_BAR1_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_WINDOW_RATIO;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/** What the device is busy with, and how its memory is mapped to the bus. */
final class LoadReader implements Reader {
  private static final int NOT_WANTED = -1;
  private static final int WHOLE = 100;

  private final int utilization;
  private final ActivityReader activity;
  private final int lowest;
  private final int highest;
  private final MinuteWindow ticks = new MinuteWindow();
  private final int apertureSize;
  private final int apertureUsed;

  /**
   * @param activity comes first, and tells the bandwidth of the memory where it can
   */
  LoadReader(ActivityReader activity, SeriesTable.Builder table, Accelerator accelerator) {
    this.activity = activity;
    utilization = table.add(Cadence.FAST, Series.of(ACCELERATOR_UTILIZATION_RATIO, accelerator));
    lowest =
        wanted(
            table,
            Cadence.FAST,
            Series.of(ACCELERATOR_UTILIZATION_WINDOW_RATIO, accelerator, "min"));
    highest =
        wanted(
            table,
            Cadence.FAST,
            Series.of(ACCELERATOR_UTILIZATION_WINDOW_RATIO, accelerator, "max"));
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
      case SLOW -> readAperture(calls);
      case MEDIUM, ONCE -> {}
    }
  }

  private void readUtilization(DeviceCalls calls) {
    int code = calls.nvml().utilization(calls.device(), calls.out(0));
    calls.settleUnsigned(utilization, code, NvmlLayout.UTILIZATION_GPU, Prefix.PERCENT);
    if (lowest != NOT_WANTED) {
      readWindow(calls, code);
    }
    if (!activity.tellsBandwidth()) {
      int bandwidth = activity.bandwidthSlot();
      calls.settleUnsigned(bandwidth, code, NvmlLayout.UTILIZATION_MEMORY, Prefix.PERCENT);
    }
  }

  /** Lowest and highest of the ticks: what rose and fell between two of them is not in it. */
  private void readWindow(DeviceCalls calls, int code) {
    ticks.at(calls.nowNanos());
    long percent = calls.block().getUnsigned(DeviceCalls.OUT + NvmlLayout.UTILIZATION_GPU);
    if (code == NvmlCode.SUCCESS && percent <= WHOLE) {
      ticks.add(Prefix.PERCENT.of((double) percent));
    }
    boolean known = ticks.count() > 0;
    int told = known ? NvmlCode.SUCCESS : nothing(code);
    calls.settle(lowest, told, known ? ticks.least() : 0);
    calls.settle(highest, told, known ? ticks.most() : 0);
  }

  /** Of a window without a tick: why there is none. */
  private static int nothing(int code) {
    return code == NvmlCode.SUCCESS ? NvmlCode.NO_DATA : code;
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
