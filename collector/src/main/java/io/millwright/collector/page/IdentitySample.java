package io.millwright.collector.page;

import io.millwright.collector.identity.IdentityDesk;
import io.millwright.protocol.tls.Refusal;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Who was not let in, and until when the collector's own certificates last. */
public final class IdentitySample {
  private static final double MILLIS = 1e3;

  private IdentitySample() {}

  /**
   * @param refused how often somebody was not let in for a reason
   * @param own the collector's certificate
   * @param authority of the site
   */
  public static Sample of(
      IdentityDesk identities,
      ToLongFunction<Refusal.Reason> refused,
      X509Certificate own,
      X509Certificate authority) {
    Map<Series, Double> values = new LinkedHashMap<>();
    values.put(Series.of(Metric.COLLECTOR_REVOKED), (double) identities.revoked());
    values.put(
        Series.of(Metric.COLLECTOR_QUARANTINED_NODES), (double) identities.quarantined().size());
    Arrays.stream(Refusal.Reason.values())
        .forEach(reason -> refused(values, word(reason), refused.applyAsLong(reason)));
    ends(values, "collector", own);
    ends(values, "root", authority);
    return FleetSample.sample(values);
  }

  private static void refused(Map<Series, Double> values, String word, long times) {
    values.merge(
        Series.of(Metric.COLLECTOR_CONNECTIONS_REFUSED_TOTAL, word), (double) times, Double::sum);
  }

  private static void ends(Map<Series, Double> values, String role, X509Certificate certificate) {
    values.put(
        Series.of(Metric.COLLECTOR_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS, role),
        certificate.getNotAfter().toInstant().toEpochMilli() / MILLIS);
  }

  /** Few words for many reasons: the log has the sentence of each. */
  private static String word(Refusal.Reason reason) {
    return switch (reason) {
      case HANDSHAKE, TLS_VERSION, NO_CERTIFICATE -> "handshake";
      case EXPIRED, NOT_YET_VALID -> "expired";
      case REVOKED -> "revoked";
      case WRONG_ROLE, WRONG_PURPOSE, NO_IDENTITY -> "role";
      case OTHER_HARDWARE -> "hardware";
      case OTHER_AUTHORITY, OTHER_HOST, OTHER_SITE, OTHER_NAME -> "other";
    };
  }
}
