package io.millwright.protocol.tls;

import io.millwright.protocol.tls.Refusal.Reason;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Whether a certificate is in force. */
final class Validity {
  private Validity() {}

  /** Why it is not in force at that time; empty where it is. */
  static Optional<Refusal> refusal(X509Certificate certificate, Instant now) {
    Instant begins = certificate.getNotBefore().toInstant();
    Instant ends = certificate.getNotAfter().toInstant();
    if (now.isAfter(ends)) {
      return Optional.of(
          new Refusal(
              Reason.EXPIRED,
              "the certificate of %s was refused: it ended at %s and the clock here says %s; %s"
                  .formatted(
                      subject(certificate), ends, seconds(now), "join again, or set the clock")));
    }
    if (now.isBefore(begins)) {
      return Optional.of(
          new Refusal(
              Reason.NOT_YET_VALID,
              "the certificate of %s was refused: it begins at %s and the clock here says %s; %s"
                  .formatted(subject(certificate), begins, seconds(now), "set the clock")));
    }
    return Optional.empty();
  }

  /** Whether a certificate has ended, and not longer ago than this. */
  static boolean endedWithin(X509Certificate certificate, Duration grace, Instant now) {
    Instant ends = certificate.getNotAfter().toInstant();
    return now.isAfter(ends) && !now.isAfter(ends.plus(grace));
  }

  /** Whom a certificate is about, for a sentence. */
  static String subject(X509Certificate certificate) {
    return PeerIdentity.of(certificate)
        .map(PeerIdentity::words)
        .orElseGet(() -> "'" + Names.shown(certificate.getSubjectX500Principal().getName()) + "'");
  }

  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }
}
