package io.millwright.drivers.nvml.binding;

/**
 * What divides a device (MIG); driver 510. Signatures of {@code nvml.h}; pointers and instances are
 * addresses.
 */
public final class PartitionCalls {
  private PartitionCalls() {}

  public static native int nvmlDeviceGetGpuInstanceProfileInfoV(
      long device, int profile, long info);

  public static native int nvmlDeviceGetGpuInstancePossiblePlacements_v2(
      long device, int profileId, long placements, long count);

  public static native int nvmlDeviceCreateGpuInstance(
      long device, int profileId, long gpuInstance);

  public static native int nvmlDeviceCreateGpuInstanceWithPlacement(
      long device, int profileId, long placement, long gpuInstance);

  public static native int nvmlDeviceGetGpuInstanceById(long device, int id, long gpuInstance);

  public static native int nvmlGpuInstanceGetInfo(long gpuInstance, long info);

  public static native int nvmlGpuInstanceDestroy(long gpuInstance);

  public static native int nvmlGpuInstanceGetComputeInstanceProfileInfoV(
      long gpuInstance, int profile, int engines, long info);

  public static native int nvmlGpuInstanceCreateComputeInstance(
      long gpuInstance, int profileId, long computeInstance);

  public static native int nvmlGpuInstanceGetComputeInstances(
      long gpuInstance, int profileId, long computeInstances, long count);

  public static native int nvmlComputeInstanceDestroy(long computeInstance);
}
