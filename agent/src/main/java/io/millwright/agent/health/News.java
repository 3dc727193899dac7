package io.millwright.agent.health;

import io.millwright.protocol.health.ErrorCode;
import java.util.Optional;

/** What one tick has changed in the counts, each occurrence once whoever told of it. */
public sealed interface News {

  /**
   * An error code came.
   *
   * @param device uuid, or {@code pci:} and an address while no known device has it
   * @param instance what of the device it is put down to, as in {@code gi1}; empty for all of it
   * @param times how often
   * @param hit the run that had the device
   * @param detail words of the kernel log; empty where the source has none
   */
  record Occurred(
      String device,
      String instance,
      ErrorCode code,
      long times,
      long firstMs,
      long lastMs,
      Optional<Tally.Hit> hit,
      String detail)
      implements News {}

  /**
   * A code counts against its device no more.
   *
   * @param reset whether a reset was seen; else nothing came for long
   */
  record Ended(String device, ErrorCode code, boolean reset) implements News {}

  /** Lines of the kernel log about the node itself. */
  record KernelOccurred(String pattern, long times, long firstMs, long lastMs, String detail)
      implements News {}

  /** No such line came for long. */
  record KernelEnded(String pattern) implements News {}
}
