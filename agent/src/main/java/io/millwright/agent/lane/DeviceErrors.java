package io.millwright.agent.lane;

import java.time.Instant;

/** Is told of the errors that the driver tells of. On the sampler's thread; must not wait. */
public interface DeviceErrors {

  /** The driver tells of this device's errors. */
  void watched(String uuid);

  /**
   * One error.
   *
   * @param xid NVIDIA's number
   */
  void occurred(String uuid, int xid, Instant at);
}
