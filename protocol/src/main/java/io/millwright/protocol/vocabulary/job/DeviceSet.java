package io.millwright.protocol.vocabulary.job;

import java.util.HashSet;
import java.util.List;

/**
 * The accelerators that one process gets.
 *
 * @param uuids in the order in which the process numbers them
 */
public record DeviceSet(DeviceKind kind, List<String> uuids) {
  private static final int LONGEST = 96;

  public DeviceSet {
    uuids = List.copyOf(uuids);
    uuids.forEach(uuid -> Wording.text("devices.uuids", uuid, LONGEST));
    if (new HashSet<>(uuids).size() != uuids.size()) {
      throw Wording.refused("devices.uuids", uuids.toString(), "each device once");
    }
  }
}
