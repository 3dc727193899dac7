package io.millwright.collector.trust;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * From when to when a certificate is in force, in whole seconds.
 *
 * @param begins an hour before it was made: a node's clock may be behind
 */
record Life(Instant begins, Instant ends) {
  private static final Duration BEHIND = Duration.ofHours(1);

  static Life from(Instant now, Duration length) {
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    return new Life(second.minus(BEHIND), second.plus(length));
  }

  /** When a certificate of ours was issued. */
  static Instant issued(X509Certificate certificate) {
    return certificate.getNotBefore().toInstant().plus(BEHIND);
  }

  /** Not longer than whoever signs it. */
  Life within(Instant signersEnd) {
    return ends.isAfter(signersEnd) ? new Life(begins, signersEnd) : this;
  }
}
