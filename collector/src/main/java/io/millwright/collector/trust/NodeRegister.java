package io.millwright.collector.trust;

import java.time.Instant;
import java.util.Optional;

/**
 * Which nodes are in, and what was taken back.
 *
 * <p><i>Threading:</i> any thread, and several processes.
 */
public interface NodeRegister {
  /** The newest certificate of a node. */
  record Entry(Instant issued, Instant ends) {}

  /** Empty for a node that none is on record of. */
  Optional<Entry> newest(String node);

  /** Puts a certificate on record, before it is handed out. */
  void issued(String node, Entry entry);

  Revocations revocations();

  void revoke(Revocation revocation);
}
