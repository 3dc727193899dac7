package io.millwright.protocol.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/**
 * When a certificate is due to be renewed: at two thirds of its life, so that the last third is
 * there to repair what keeps it from being renewed.
 *
 * @param notBefore when its life begins
 * @param notAfter when it ends
 */
public record Renewal(Instant notBefore, Instant notAfter) {
  public Renewal {
    if (notAfter.isBefore(notBefore)) {
      throw new IllegalArgumentException(
          "notAfter: '%s' is refused; allowed is no time before %s".formatted(notAfter, notBefore));
    }
  }

  public static Renewal of(X509Certificate certificate) {
    return new Renewal(
        certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
  }

  /** Two thirds of its life. */
  public Instant due() {
    return notBefore.plus(Duration.between(notBefore, notAfter).multipliedBy(2).dividedBy(3));
  }

  public boolean isDue(Instant now) {
    return !now.isBefore(due());
  }

  /** How long until it is due; zero where it is. */
  public Duration left(Instant now) {
    return isDue(now) ? Duration.ZERO : Duration.between(now, due());
  }
}
