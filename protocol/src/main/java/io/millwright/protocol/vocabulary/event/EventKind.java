package io.millwright.protocol.vocabulary.event;

import java.util.Locale;

/** What an agent of this version tells of; a closed set there, open for whoever reads. */
public enum EventKind {
  /** An error code of a device. */
  ERROR_CODE,
  /** A reset was seen, or nothing came for long: the code counts against the device no more. */
  ERROR_CLEARED,
  /** A line of the kernel log about the node itself. */
  KERNEL_PATTERN,
  /** No such line came for long. */
  KERNEL_CLEARED,
  VERDICT_CHANGED,
  DEVICE_LOST,
  DEVICE_RETURNED,
  DRIVER_GONE,
  DRIVER_RETURNED,
  /** A part of the node cannot be looked at. */
  PROBE_FAILED,
  PROBE_RECOVERED,
  /** The boot id is another: what counted before counts no more. */
  NODE_BOOTED,
  AGENT_STARTED,
  AGENT_STOPPED,
  /** A run of a job has begun. */
  JOB_BEGAN,
  /** A run was killed and is still there, or a device of one that ended is held by somebody. */
  JOB_STUCK,
  /** A run of a job has ended, however it did. */
  JOB_ENDED,
  /**
   * What a run has used on this node, whoever placed it; each is told once, or again after a crash.
   */
  JOB_ACCOUNTED,
  /** A process outside a run has a device of it open while the run goes on. */
  FOREIGN_HOLDER_FOUND,
  /** It has not any more, or the run has ended. */
  FOREIGN_HOLDER_GONE;

  /** As in {@code error-code}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
