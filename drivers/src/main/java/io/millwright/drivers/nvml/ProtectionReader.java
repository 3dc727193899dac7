package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_MEMORY_USED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_ENCRYPTION_ENABLED;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/**
 * What of a device's memory is protected: a region of it while confidential computing is on, and
 * its encryption, which does not depend on that: nvml.md 2.4, 2.18.
 */
final class ProtectionReader implements Reader {
  private final ConfidentialReader confidential;
  private final int protectedSize;
  private final int unprotectedSize;
  private final int used;
  private final int memoryNow;
  private final int memoryPending;

  /**
   * @param confidential read before this in each round
   */
  ProtectionReader(
      ConfidentialReader confidential, SeriesTable.Builder table, Accelerator accelerator) {
    this.confidential = confidential;
    protectedSize =
        slow(
            table, Series.of(ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES, accelerator, "protected"));
    unprotectedSize =
        slow(
            table,
            Series.of(ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES, accelerator, "unprotected"));
    used = slow(table, Series.of(ACCELERATOR_CONFIDENTIAL_MEMORY_USED_BYTES, accelerator));
    memoryNow =
        slow(table, Series.of(ACCELERATOR_MEMORY_ENCRYPTION_ENABLED, accelerator, "current"));
    memoryPending =
        slow(table, Series.of(ACCELERATOR_MEMORY_ENCRYPTION_ENABLED, accelerator, "pending"));
  }

  private static int slow(SeriesTable.Builder table, Series series) {
    return table.add(Cadence.SLOW, series);
  }

  /** Whether the site sees this far. */
  static boolean wanted(SeriesTable.Builder table) {
    return table.wants(ACCELERATOR_CONFIDENTIAL_MEMORY_SIZE_BYTES);
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW) {
      return;
    }
    readMemory(calls, confidential.stateCode());
    readMemoryEncryption(calls);
  }

  /** Not asked where nothing is protected. */
  private void readMemory(DeviceCalls calls, int stateCode) {
    boolean on = stateCode == NvmlCode.SUCCESS;
    int sizes = on ? calls.nvml().confidentialMemory(calls.device(), calls.out(0)) : stateCode;
    boolean told = on && calls.succeeded(sizes);
    calls.settle(protectedSize, sizes, told ? kibibytes(calls, NvmlLayout.CC_PROTECTED) : 0);
    calls.settle(unprotectedSize, sizes, told ? kibibytes(calls, NvmlLayout.CC_UNPROTECTED) : 0);
    int usage = on ? calls.nvml().confidentialMemoryUsage(calls.device(), calls.out(0)) : stateCode;
    boolean usageTold = on && calls.succeeded(usage);
    calls.settle(used, usage, usageTold ? number(calls, NvmlLayout.MEMORY_V1_USED) : 0);
  }

  private void readMemoryEncryption(DeviceCalls calls) {
    int pendingAt = NvmlLayout.DRAM_ENCRYPTION_SIZE;
    calls.block().putInt(DeviceCalls.OUT, NvmlLayout.DRAM_ENCRYPTION_V1_VERSION);
    calls.block().putInt(DeviceCalls.OUT + pendingAt, NvmlLayout.DRAM_ENCRYPTION_V1_VERSION);
    int code = calls.nvml().memoryEncryption(calls.device(), calls.out(0), calls.out(pendingAt));
    int state = NvmlLayout.DRAM_ENCRYPTION_STATE;
    calls.settleUnsigned(memoryNow, code, state, Prefix.NONE);
    calls.settleUnsigned(memoryPending, code, pendingAt + state, Prefix.NONE);
  }

  private static double kibibytes(DeviceCalls calls, int offset) {
    return Prefix.KIBI.of(number(calls, offset));
  }

  private static double number(DeviceCalls calls, int offset) {
    return (double) calls.block().getLong(DeviceCalls.OUT + offset);
  }
}
