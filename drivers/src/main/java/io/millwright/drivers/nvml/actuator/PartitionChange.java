package io.millwright.drivers.nvml.actuator;

import io.millwright.drivers.nvml.NvmlCode;
import java.util.List;

/** What came of dividing a device: as told here, or what any change may be denied for. */
public sealed interface PartitionChange
    permits PartitionChange.Created,
        PartitionChange.Destroyed,
        PartitionChange.ModeOff,
        PartitionChange.ModeUnknown,
        PartitionChange.NoSuchProfile,
        PartitionChange.NoSuchPlace,
        PartitionChange.NoRoom,
        PartitionChange.InUse,
        PartitionChange.NoSuchInstance,
        PartitionChange.NotShown,
        PartitionChange.LeftBehind,
        Outcome.Denial {

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

  /** The device is not in the mode in which it can be divided; switching it is nobody's here. */
  record ModeOff() implements PartitionChange {}

  /** The driver tells of a mode that nobody knows. */
  record ModeUnknown() implements PartitionChange {}

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

  /**
   * A GPU instance was made, could not be completed, and could not be taken back: it is there and
   * of no use.
   *
   * @param code {@code nvmlReturn_t} of what failed first
   * @param undone of taking it back
   */
  record LeftBehind(int code, int undone) implements PartitionChange {

    /** NVIDIA's words for both. */
    public String words() {
      return NvmlCode.word(code) + ", then " + NvmlCode.word(undone);
    }
  }

  /**
   * What a return code but success means, of a device that was found: "not found" is then something
   * else than the device.
   */
  static PartitionChange of(int code) {
    return switch (code) {
      case NvmlCode.IN_USE -> new InUse();
      case NvmlCode.INSUFFICIENT_RESOURCES -> new NoRoom();
      case NvmlCode.NOT_FOUND -> new Outcome.Refused(code);
      default -> Outcome.of(code);
    };
  }
}
