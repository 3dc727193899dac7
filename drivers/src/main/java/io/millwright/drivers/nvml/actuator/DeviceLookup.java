package io.millwright.drivers.nvml.actuator;

import io.millwright.drivers.nvml.NvmlCode;
import io.millwright.drivers.nvml.binding.LifecycleCalls;
import io.millwright.drivers.nvml.binding.NativeBlock;

/** Which device is meant: {@code nvmlDeviceGetHandleByUUID}. */
final class DeviceLookup {
  private static final int LONGEST_UUID = 95;

  private DeviceLookup() {}

  /**
   * The return code; the handle is in the block where it is success.
   *
   * @param text offset of 96 bytes for the UUID
   * @param handle offset for the {@code nvmlDevice_t}
   */
  static int find(String uuid, NativeBlock block, int text, int handle) {
    if (uuid.length() > LONGEST_UUID || !uuid.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      return NvmlCode.NOT_FOUND;
    }
    block.putString(text, uuid);
    return LifecycleCalls.nvmlDeviceGetHandleByUUID(block.address(text), block.address(handle));
  }
}
