package io.millwright.drivers;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Readings;

/**
 * Something that is read again and again: one accelerator, the host, a file system.
 *
 * <p><i>Threading:</i> all methods on the one lane thread that owns it. <i>Failure:</i> what a
 * single value could not give is that value's fault in the readings; what concerns the whole source
 * is the outcome. Nothing is thrown for trouble of the hardware.
 */
public interface Source extends AutoCloseable {

  /** How a round of reading ended. */
  enum Outcome {
    /** All that had to answer did. */
    ANSWERED,
    /** The device answers nothing that matters, for a reason other than the two below. */
    FAILED,
    /** The device fell off the bus or left; it may come back. */
    DEVICE_LOST,
    /** The driver behind all its devices is gone or was reloaded. */
    DRIVER_GONE
  }

  /** What is read here; another instance when the set of series has changed. */
  Readings readings();

  /** Whether anything is read at this cadence; a lane has no round where nothing that is due is. */
  default boolean reads(Cadence cadence) {
    return true;
  }

  /**
   * Reads what is due at this cadence into {@link #readings()}.
   *
   * @param nowNanos monotonic time to stamp the readings with
   */
  Outcome read(Cadence cadence, long nowNanos);

  /** Gives back what is held; never called while a read is under way. */
  @Override
  void close();
}
