package io.millwright.drivers.neuron;

import io.millwright.drivers.neuron.binding.DeviceFile;
import io.millwright.drivers.neuron.binding.PassiveCall;
import io.millwright.drivers.nvml.binding.NativeBlock;
import java.nio.file.Path;

/**
 * The ioctls of the driver itself, each through a device file that is opened for that question
 * alone.
 *
 * <p><i>Failure:</i> {@code ENODEV} for what is no character device of the driver: a file that is
 * not the driver's is not opened at all.
 */
public final class DeviceCalls implements NeuronCalls {
  static final int ENODEV = 19;

  private final DriverNodes nodes;

  /**
   * @param root {@code /} but in tests
   */
  public DeviceCalls(Path root) {
    this.nodes = new DriverNodes(root);
  }

  @Override
  public int call(int device, PassiveCall call, NativeBlock block) {
    if (!nodes.owns(device)) {
      return ENODEV;
    }
    return switch (DeviceFile.open(nodes.path(device).toString())) {
      case DeviceFile.Result.Refused(int errno) -> errno;
      case DeviceFile.Result.Opened(DeviceFile file) -> {
        try (file) {
          yield file.call(call, block);
        }
      }
    };
  }

  @Override
  public void close() {}
}
