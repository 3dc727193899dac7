package io.millwright.drivers.nvml.binding;

/** GPM of a GPU instance; driver 525. Signatures of {@code nvml.h}; pointers are addresses. */
public final class MigGpmCalls {
  private MigGpmCalls() {}

  public static native int nvmlGpmMigSampleGet(long device, int gpuInstance, long sample);
}
