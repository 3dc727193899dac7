package io.millwright.drivers.neuron.binding;

import com.sun.jna.LastErrorException;
import io.millwright.drivers.nvml.binding.NativeBlock;

/**
 * One device file, open for writing alone, which the driver takes for an asker and not for a user
 * of the device.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #close} once. <i>Threading:</i> one owner; {@code
 * open} and {@code call} run in the driver and may block. <i>Failure:</i> the errno, as a value.
 */
public final class DeviceFile implements AutoCloseable {
  private final int file;

  private DeviceFile(int file) {
    this.file = file;
  }

  /** What came of opening. */
  public sealed interface Result {
    record Opened(DeviceFile file) implements Result {}

    /** The C library refused, with this number of {@code errno.h}. */
    record Refused(int errno) implements Result {}
  }

  /** Opens by {@code open(path, O_WRONLY|O_CLOEXEC)}; there is no other way. */
  public static Result open(String path) {
    try {
      return new Result.Opened(
          new DeviceFile(CFiles.open(path, CFiles.O_WRONLY | CFiles.O_CLOEXEC)));
    } catch (LastErrorException refused) {
      return new Result.Refused(refused.getErrorCode());
    }
  }

  /**
   * Asks; 0, or the errno.
   *
   * @param block of at least the call's bytes, laid out as the call wants it; what it holds after
   *     an errno means nothing
   */
  public int call(PassiveCall call, NativeBlock block) {
    try {
      CFiles.ioctl(file, call.number(), block.address(0));
      return 0;
    } catch (LastErrorException refused) {
      return refused.getErrorCode();
    }
  }

  @Override
  public void close() {
    try {
      CFiles.close(file);
    } catch (LastErrorException ignored) {
      // the descriptor is gone either way
    }
  }
}
