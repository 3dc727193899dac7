package io.millwright.collector.join;

import java.time.Duration;

/**
 * What strangers get.
 *
 * @param connections at once; who comes later waits in the kernel's queue
 * @param perSecond connections that are accepted in any second
 * @param patience from the first byte of a connection to the last of its request
 */
record JoinLimits(int connections, int perSecond, Duration patience) {
  static final JoinLimits USUAL = new JoinLimits(64, 8, Duration.ofSeconds(10));
}
