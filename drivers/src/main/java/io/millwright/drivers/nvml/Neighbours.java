package io.millwright.drivers.nvml;

import java.util.ArrayList;
import java.util.List;

/**
 * The devices of one driver that are open now and have answered, so that each can ask for its way
 * to the others.
 *
 * <p><i>Threading:</i> any lane; what is handed out is immutable.
 */
final class Neighbours {
  private volatile Present present = new Present(0, List.of());

  /**
   * One of them.
   *
   * @param opening another one each time it is opened
   */
  record Peer(String uuid, long opening) {}

  /**
   * Who is there.
   *
   * @param number another one whenever a device has come or gone
   */
  record Present(long number, List<Peer> peers) {
    Present {
      peers = List.copyOf(peers);
    }
  }

  Present present() {
    return present;
  }

  /** The device has come; what is returned says so when it goes. */
  synchronized Peer joined(String uuid) {
    long number = present.number() + 1;
    Peer peer = new Peer(uuid, number);
    List<Peer> now = new ArrayList<>(present.peers());
    now.add(peer);
    present = new Present(number, now);
    return peer;
  }

  synchronized void left(Peer peer) {
    List<Peer> now = new ArrayList<>(present.peers());
    now.remove(peer);
    present = new Present(present.number() + 1, now);
  }
}
