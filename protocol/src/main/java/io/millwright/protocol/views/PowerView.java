package io.millwright.protocol.views;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What came of holding a node's accelerators to a power limit; {@code POST /v1/nodes/{node}/power}.
 *
 * @param devices those that were asked for
 */
public record PowerView(int schemaVersion, String node, List<Device> devices) {
  public PowerView {
    devices = List.copyOf(devices);
  }

  /**
   * One accelerator.
   *
   * @param uuid its identity
   * @param result a word, or a word and a reason behind a colon, as in {@code clamped}
   * @param setWatts what the driver was told; absent where it was told nothing
   * @param inForceWatts as the driver says it afterwards; absent where it could not be read
   */
  public record Device(
      String uuid, String result, OptionalDouble setWatts, OptionalDouble inForceWatts) {}
}
