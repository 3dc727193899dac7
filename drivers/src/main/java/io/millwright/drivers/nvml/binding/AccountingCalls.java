package io.millwright.drivers.nvml.binding;

/**
 * What a process has had of a device since it began. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class AccountingCalls {
  private AccountingCalls() {}

  public static native int nvmlDeviceGetAccountingMode(long device, long out);

  public static native int nvmlDeviceGetAccountingStats(long device, int pid, long out);
}
