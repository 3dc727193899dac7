package io.millwright.agent.lane;

import io.millwright.protocol.vocabulary.InstanceId;
import java.time.Instant;
import java.util.Optional;

/** Is told of the errors that the driver tells of. On the sampler's thread; must not wait. */
public interface DeviceErrors {

  /** The driver tells of this device's errors. */
  void watched(String uuid);

  /**
   * One error.
   *
   * @param uuid of the device
   * @param instance what of the device it is put down to; empty for all of it
   * @param xid NVIDIA's number
   */
  void occurred(String uuid, Optional<InstanceId> instance, int xid, Instant at);
}
