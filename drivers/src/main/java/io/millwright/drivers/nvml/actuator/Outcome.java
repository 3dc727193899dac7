package io.millwright.drivers.nvml.actuator;

import io.millwright.drivers.nvml.NvmlCode;

/** What came of setting something. */
public sealed interface Outcome {

  /** What was asked for is in force. */
  record Done() implements Outcome {}

  /** It was in force before, and nothing was set. */
  record Unchanged() implements Outcome {}

  /** As near to it as the device allows is in force. */
  record Clamped() implements Outcome {}

  /** It was set, and something else is in force: another limit, or another hand. */
  record Overruled() implements Outcome {}

  /** Nothing came of it, for a reason that every change of a device may meet. */
  sealed interface Denial extends Outcome, PartitionChange {}

  /** The driver lets root do this, and this is not root. */
  record NeedsRoot() implements Denial {}

  /** The device, its driver or the library has no such thing. */
  record Unsupported() implements Denial {}

  /** The driver knows no such device. */
  record NoDevice() implements Denial {}

  /** The device fell off the bus. */
  record Lost() implements Denial {}

  /**
   * The driver refused.
   *
   * @param code {@code nvmlReturn_t}
   */
  record Refused(int code) implements Denial {

    /** NVIDIA's word for the code. */
    public String word() {
      return NvmlCode.word(code);
    }
  }

  /** What a return code but success means for a change. */
  static Denial of(int code) {
    if (code == NvmlCode.NO_PERMISSION) {
      return new NeedsRoot();
    }
    if (code == NvmlCode.NOT_FOUND || code == NvmlCode.GPU_NOT_FOUND) {
      return new NoDevice();
    }
    if (NvmlCode.lost(code)) {
      return new Lost();
    }
    return NvmlCode.absent(code) ? new Unsupported() : new Refused(code);
  }
}
