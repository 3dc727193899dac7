package io.millwright.agent.uplink;

import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.MutualTls;

/** How the collector is known to be the right one. */
sealed interface Peer {
  /** Both sides show certificates; the door looks at what the collector's says. */
  record Secured(MutualTls tls, Door door) implements Peer {}

  /** It is not: for simulated nodes that speak to a collector on loopback. */
  record Plain() implements Peer {}
}
