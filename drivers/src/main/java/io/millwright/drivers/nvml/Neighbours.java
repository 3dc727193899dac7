package io.millwright.drivers.nvml;

import java.util.ArrayList;
import java.util.List;

/**
 * The devices of one driver that are open now, so that each can ask for its way to the others.
 *
 * <p><i>Threading:</i> any lane; what is handed out is immutable.
 */
final class Neighbours {
  private volatile Present present = new Present(0, List.of());

  /**
   * Who is open.
   *
   * @param number another one whenever a device has come or gone
   */
  record Present(long number, List<String> uuids) {
    Present {
      uuids = List.copyOf(uuids);
    }
  }

  Present present() {
    return present;
  }

  synchronized void opened(String uuid) {
    List<String> now = new ArrayList<>(present.uuids());
    now.add(uuid);
    present = new Present(present.number() + 1, now);
  }

  synchronized void closed(String uuid) {
    List<String> now = new ArrayList<>(present.uuids());
    now.remove(uuid);
    present = new Present(present.number() + 1, now);
  }
}
