package io.millwright.drivers.nvml;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.vocabulary.InstanceId;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One event set of the driver. Interrupting a thread does not end its wait; the time-out does.
 *
 * <p><i>Threading:</i> {@link #await} on the one thread that owns it; devices register from their
 * lanes.
 */
public final class NvmlEvents implements AutoCloseable {
  /**
   * Uncorrected ECC error, Xid, change of MIG, storm of corrected ECC errors, both poison events,
   * GPU unavailable, recovery action changed. Each single corrected error would be an event as
   * well, and failing memory has thousands a second: those are counted by the driver.
   */
  static final long WANTED = 0x2 | 0x8 | 0x100 | 0x200 | 0x1000 | 0x2000 | 0x4000 | 0x8000;

  private static final long XID = 0x8;

  /** In the place of the number of an instance. */
  private static final int NO_INSTANCE = 0xFFFFFFFF;

  private final Nvml nvml;
  private final NativeBlock block;
  private final long set;

  private NvmlEvents(Nvml nvml, NativeBlock block, long set) {
    this.nvml = nvml;
    this.block = block;
    this.set = set;
  }

  /** What came of making a set. */
  public sealed interface Created {
    record Ready(NvmlEvents events) implements Created {}

    record Refused(int code) implements Created {}
  }

  /** What came of waiting. */
  public sealed interface Wait {
    /**
     * An Xid on the device with this handle.
     *
     * @param instance what of the device it is put down to; empty for all of it
     */
    record Xid(long device, int code, Optional<InstanceId> instance) implements Wait {}

    /** Another event of the device with this handle; {@code type} is the driver's bit. */
    record Other(long device, long type, long value) implements Wait {}

    /** Nothing in the given time; the stream is alive. */
    record Quiet() implements Wait {}

    /** The stream is dead, or a device of it is gone. */
    record Broken(int code) implements Wait {

      /** A device of the set fell off the bus. */
      public boolean deviceLost() {
        return NvmlCode.lost(code);
      }
    }
  }

  static Created create(NvmlLibrary library, CallWatch watch) {
    Nvml nvml = new Nvml(library, watch);
    NativeBlock block = new NativeBlock(NvmlLayout.EVENT_SIZE);
    int code = nvml.createEventSet(block.address(0));
    if (code == NvmlCode.SUCCESS) {
      return new Created.Ready(new NvmlEvents(nvml, block, block.getLong(0)));
    }
    block.close();
    return new Created.Refused(code);
  }

  long set() {
    return set;
  }

  /**
   * Blocks in native code until an event or for this long.
   *
   * @param milliseconds the longest wait; 1,000 to 5,000 so that an orderly stop is not held up
   */
  public Wait await(int milliseconds) {
    block.putInt(NvmlLayout.EVENT_GPU_INSTANCE, NO_INSTANCE); // the older function leaves them out
    block.putInt(NvmlLayout.EVENT_COMPUTE_INSTANCE, NO_INSTANCE);
    int code = nvml.waitForEvent(set, block.address(0), milliseconds);
    if (code == NvmlCode.TIMEOUT) {
      return new Wait.Quiet();
    }
    if (code != NvmlCode.SUCCESS) {
      return new Wait.Broken(code);
    }
    long device = block.getLong(NvmlLayout.EVENT_DEVICE);
    long type = block.getLong(NvmlLayout.EVENT_TYPE);
    long value = block.getLong(NvmlLayout.EVENT_DATA);
    return type == XID
        ? new Wait.Xid(device, (int) value, instance())
        : new Wait.Other(device, type, value);
  }

  private Optional<InstanceId> instance() {
    int gpuInstance = block.getInt(NvmlLayout.EVENT_GPU_INSTANCE);
    int computeInstance = block.getInt(NvmlLayout.EVENT_COMPUTE_INSTANCE);
    return gpuInstance < 0
        ? Optional.empty()
        : Optional.of(
            new InstanceId(
                gpuInstance,
                computeInstance < 0 ? OptionalInt.empty() : OptionalInt.of(computeInstance)));
  }

  @Override
  public void close() {
    nvml.freeEventSet(set);
    block.close();
  }
}
