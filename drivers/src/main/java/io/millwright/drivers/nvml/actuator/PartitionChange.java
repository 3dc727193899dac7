package io.millwright.drivers.nvml.actuator;

import io.millwright.drivers.nvml.NvmlCode;
import java.util.List;

/** What came of dividing a device. */
public sealed interface PartitionChange {

  /**
   * There is an instance, as the driver shows it.
   *
   * @param gpuInstance its number
   * @param start of its memory slices
   * @param size of them
   * @param uuid of its MIG device
   */
  record Created(int gpuInstance, int start, int size, String uuid) implements PartitionChange {}

  /** The instance is gone, as the driver shows it. */
  record Destroyed(int gpuInstance) implements PartitionChange {}

  /** The driver lets root do this, and this is not root. */
  record NeedsRoot() implements PartitionChange {}

  /** The device is not in the mode in which it can be divided; switching it is nobody's here. */
  record ModeOff() implements PartitionChange {}

  /**
   * The device has no such profile.
   *
   * @param allowed the names of those that it has
   */
  record NoSuchProfile(List<String> allowed) implements PartitionChange {
    public NoSuchProfile {
      allowed = List.copyOf(allowed);
    }
  }

  /**
   * The profile cannot begin there.
   *
   * @param allowed where it can
   */
  record NoSuchPlace(List<Integer> allowed) implements PartitionChange {
    public NoSuchPlace {
      allowed = List.copyOf(allowed);
    }
  }

  /** What is free is too small, or is not where it was asked for. */
  record NoRoom() implements PartitionChange {}

  /** Processes run in the instance, somebody else holds it, or the driver does not say. */
  record InUse() implements PartitionChange {}

  /** The device has no instance of this number. */
  record NoSuchInstance() implements PartitionChange {}

  /** The driver said that it was done, and does not show it. */
  record NotShown() implements PartitionChange {}

  /** The device, its driver or the library cannot be divided. */
  record Unsupported() implements PartitionChange {}

  /** The driver knows no such device. */
  record NoDevice() implements PartitionChange {}

  /** The device fell off the bus. */
  record Lost() implements PartitionChange {}

  /**
   * The driver refused.
   *
   * @param code {@code nvmlReturn_t}
   */
  record Refused(int code) implements PartitionChange {

    /** NVIDIA's word for the code. */
    public String word() {
      return NvmlCode.word(code);
    }
  }

  /** What a return code but success means for a change. */
  static PartitionChange of(int code) {
    return switch (code) {
      case NvmlCode.NO_PERMISSION -> new NeedsRoot();
      case NvmlCode.IN_USE -> new InUse();
      case NvmlCode.INSUFFICIENT_RESOURCES -> new NoRoom();
      case NvmlCode.GPU_NOT_FOUND -> new NoDevice();
      case NvmlCode.GPU_IS_LOST -> new Lost();
      default -> NvmlCode.absent(code) ? new Unsupported() : new Refused(code);
    };
  }
}
