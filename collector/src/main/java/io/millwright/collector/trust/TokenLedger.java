package io.millwright.collector.trust;

import io.millwright.protocol.tls.Fingerprint;
import java.time.Instant;

/**
 * Who may join, by the hash of each token's secret.
 *
 * <p><i>Threading:</i> any thread, and several processes; {@link #spend} lets one of them win.
 */
public interface TokenLedger {

  /**
   * What a token is good for.
   *
   * @param replaces whether a node that is in under this name may be replaced
   */
  record Entry(String node, Instant ends, boolean replaces) {}

  /** How it stands with a token. */
  sealed interface Standing {
    /** Never heard of. */
    record Unknown() implements Standing {}

    /** Not used yet; it may have ended. */
    record Open(Entry entry) implements Standing {}

    /** Somebody joined with it. */
    record Used(Entry entry) implements Standing {}
  }

  /** Adds a token. */
  void add(Fingerprint key, Entry entry);

  Standing standing(Fingerprint key);

  /**
   * Uses a token up: compare and set.
   *
   * @return whether it was open until now; false for all but the first who ask
   */
  boolean spend(Fingerprint key);
}
