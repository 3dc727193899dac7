package io.millwright.agent.lane;

import io.millwright.drivers.nvml.NvmlDriver;
import org.jspecify.annotations.Nullable;

/**
 * The driver as its control lane last found it. Device lanes call the library only while it is
 * attached, and open anew when the epoch has changed.
 *
 * @param epoch counts attachments from 1; 0 while there is none
 * @param driver absent while there is no attachment
 * @param driverVersion as the driver says it
 * @param devices as the driver counted them last
 * @param countedAtNanos monotonic time of that
 */
record Attachment(
    long epoch,
    @Nullable NvmlDriver driver,
    String driverVersion,
    int devices,
    long countedAtNanos) {
  static final Attachment NONE = new Attachment(0, null, "", 0, 0);

  NodeStatus.Count count() {
    return new NodeStatus.Count(driver != null, devices, countedAtNanos);
  }

  Attachment withDevices(int counted, long atNanos) {
    return new Attachment(epoch, driver, driverVersion, counted, atNanos);
  }
}
