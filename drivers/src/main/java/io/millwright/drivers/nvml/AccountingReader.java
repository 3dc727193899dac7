package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ACCOUNTING_MODE_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_UTILIZATION_RATIO;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/**
 * Whether the driver keeps accounts of processes, and what it says of those that run: nvml.md 2.13.
 *
 * <p>No series has a process for a label, and no ended process is asked about, of which the driver
 * may remember thousands: shown are the extremes over those that are in the device's list now. One
 * that began before the accounts did is not in them and counts for none.
 */
final class AccountingReader implements Reader {
  /** Beyond it nothing is asked, because extremes of some of them would be wrong. */
  private static final int MOST = 64;

  private static final int ENABLED = 1;
  private static final int NOT_WANTED = -1;
  private static final long NOT_AVAILABLE = -1;
  private static final long NOT_AVAILABLE_PERCENT = 0xFFFFFFFFL;
  private static final double MICROSECONDS = 1e6;

  private final ProcessReader processes;
  private final int mode;
  private final boolean details;
  private int peak = NOT_WANTED;
  private int least = NOT_WANTED;
  private int busiest = NOT_WANTED;
  private int start = NOT_WANTED;

  // Of the round that is being read.
  private int told;
  private boolean memoryTold;
  private boolean percentTold;
  private boolean startTold;
  private long mostMemory;
  private long lowestPercent;
  private long highestPercent;
  private long earliestMicros;

  /**
   * @param processes read before this in each round
   */
  AccountingReader(ProcessReader processes, SeriesTable.Builder table, Accelerator accelerator) {
    this.processes = processes;
    mode =
        table.wants(ACCELERATOR_ACCOUNTING_MODE_ENABLED)
            ? slow(table, Series.of(ACCELERATOR_ACCOUNTING_MODE_ENABLED, accelerator))
            : NOT_WANTED;
    details = table.wants(ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES);
    if (details) {
      peak = slow(table, Series.of(ACCELERATOR_PROCESS_MEMORY_PEAK_BYTES, accelerator));
      least = slow(table, Series.of(ACCELERATOR_PROCESS_UTILIZATION_RATIO, accelerator, "min"));
      busiest = slow(table, Series.of(ACCELERATOR_PROCESS_UTILIZATION_RATIO, accelerator, "max"));
      start = slow(table, Series.of(ACCELERATOR_PROCESS_START_TIMESTAMP_SECONDS, accelerator));
    }
  }

  private static int slow(SeriesTable.Builder table, Series series) {
    return table.add(Cadence.SLOW, series);
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW || mode == NOT_WANTED) {
      return;
    }
    int code = calls.nvml().accountingMode(calls.device(), calls.out(0));
    boolean on = code == NvmlCode.SUCCESS && calls.block().getInt(DeviceCalls.OUT) == ENABLED;
    calls.settleUnsigned(mode, code, Prefix.NONE);
    if (details) {
      showDetails(calls, on ? readProcesses(calls) : off(code));
    }
  }

  private static int off(int code) {
    return code == NvmlCode.SUCCESS ? NvmlCode.NOT_SUPPORTED : code;
  }

  /** The code that all details have: of the first call that failed. */
  private int readProcesses(DeviceCalls calls) {
    forget();
    int code = processes.listCode();
    if (code != NvmlCode.SUCCESS) {
      return code;
    }
    if (processes.listed() > MOST) {
      return NvmlCode.NOT_SUPPORTED;
    }
    for (int i = 0; i < processes.listed(); i++) {
      code = calls.nvml().accountingStats(calls.device(), processes.pid(i), calls.out(0));
      if (code == NvmlCode.SUCCESS) {
        take(calls);
      } else if (code != NvmlCode.NOT_FOUND) { // it has just ended, or began before the accounts
        calls.succeeded(code);
        return code;
      }
    }
    return told == 0 ? NvmlCode.NOT_SUPPORTED : NvmlCode.SUCCESS;
  }

  private void forget() {
    told = 0;
    memoryTold = true;
    percentTold = true;
    startTold = true;
    mostMemory = 0;
    lowestPercent = Long.MAX_VALUE;
    highestPercent = 0;
    earliestMicros = Long.MAX_VALUE;
  }

  private void take(DeviceCalls calls) {
    long memory = calls.block().getLong(DeviceCalls.OUT + NvmlLayout.ACCOUNT_PEAK_MEMORY);
    long percent = calls.block().getUnsigned(DeviceCalls.OUT + NvmlLayout.ACCOUNT_UTILIZATION);
    long micros = calls.block().getLong(DeviceCalls.OUT + NvmlLayout.ACCOUNT_START);
    memoryTold &= memory != NOT_AVAILABLE;
    percentTold &= percent != NOT_AVAILABLE_PERCENT;
    startTold &= micros > 0; // "not available" is negative as well
    mostMemory = Math.max(mostMemory, memory);
    lowestPercent = Math.min(lowestPercent, percent);
    highestPercent = Math.max(highestPercent, percent);
    earliestMicros = Math.min(earliestMicros, micros);
    told++;
  }

  private void showDetails(DeviceCalls calls, int code) {
    boolean read = code == NvmlCode.SUCCESS;
    int memory = read && !memoryTold ? NvmlCode.NOT_SUPPORTED : code;
    int percent = read && !percentTold ? NvmlCode.NOT_SUPPORTED : code;
    calls.settle(peak, memory, (double) mostMemory);
    calls.settle(least, percent, Prefix.PERCENT.of((double) lowestPercent));
    calls.settle(busiest, percent, Prefix.PERCENT.of((double) highestPercent));
    int began = read && !startTold ? NvmlCode.NOT_SUPPORTED : code;
    calls.settle(start, began, earliestMicros / MICROSECONDS);
  }
}
