package io.millwright.drivers.passthrough;

import io.millwright.protocol.vocabulary.Fault;

/** The fault that a failed call amounts to. */
final class Faults {
  private Faults() {}

  /**
   * @param result of a {@link Kernel}'s call, negative
   */
  static Fault of(int result) {
    return switch (-result) {
      case Kernel.EPERM, Kernel.EACCES -> Fault.PERMISSION;
      case Kernel.ENOENT, Kernel.ENXIO, Kernel.ENODEV -> Fault.NOT_FOUND;
      case Kernel.EINTR, Kernel.ETIMEDOUT -> Fault.TIMEOUT; // the kernel gave the command up
      default -> Fault.OTHER;
    };
  }
}
