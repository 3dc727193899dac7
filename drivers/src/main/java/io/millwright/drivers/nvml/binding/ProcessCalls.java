package io.millwright.drivers.nvml.binding;

/**
 * Processes with a compute context; driver 510. Signatures of {@code nvml.h}; pointers are
 * addresses.
 */
public final class ProcessCalls {
  private ProcessCalls() {}

  public static native int nvmlDeviceGetComputeRunningProcesses_v3(
      long device, long count, long processes);
}
