package io.millwright.protocol.tls;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Refusal.Reason;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Believes one authority, by the JDK's PKIX rules at our clock's time, and asks in addition for the
 * extended key usage of the side and, of a server, for the host that was asked for.
 *
 * <p>The JDK's own manager would check the same, but its reasons come as texts and its time is the
 * machine's.
 */
final class SiteTrust extends X509ExtendedTrustManager {
  private static final int LONGEST_CHAIN = 4;

  private final X509Certificate authority;
  private final Duration grace;
  private final Clock clock;

  SiteTrust(X509Certificate authority, Clock clock) {
    this(authority, Duration.ZERO, clock);
  }

  /**
   * @param grace so long a client's certificate passes the handshake after its end
   */
  SiteTrust(X509Certificate authority, Duration grace, Clock clock) {
    this.authority = authority;
    this.grace = grace;
    this.clock = clock;
  }

  @Override
  public void checkClientTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    checkClient(chain);
  }

  @Override
  public void checkServerTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    checkServer(chain, Optional.ofNullable(engine).map(SSLEngine::getHandshakeSession));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    checkClient(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    checkServer(
        chain,
        socket instanceof SSLSocket tls
            ? Optional.ofNullable(tls.getHandshakeSession())
            : Optional.empty());
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    checkClient(chain);
  }

  /** Without a session there is no host to compare, and so no trust. */
  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    checkServer(chain, Optional.empty());
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[] {authority};
  }

  private void checkClient(X509Certificate[] chain) throws CertificateException {
    Instant now = clock.wall();
    Instant judged =
        chain.length > 0 && Validity.endedWithin(chain[0], grace, now)
            ? chain[0].getNotAfter().toInstant()
            : now;
    check(chain, Purpose.CLIENT, judged);
  }

  private void checkServer(X509Certificate[] chain, Optional<SSLSession> session)
      throws CertificateException {
    check(chain, Purpose.SERVER, clock.wall());
    String host = session.flatMap(s -> Optional.ofNullable(s.getPeerHost())).orElse("");
    if (!AlternativeNames.isFor(chain[0], host)) {
      throw refused(
          Reason.OTHER_HOST,
          "%s was refused: it was reached as '%s' and its certificate is for %s; connect to one of these, or issue it again with that host"
              .formatted(
                  Validity.subject(chain[0]),
                  Names.shown(host),
                  Names.shown(String.join(", ", AlternativeNames.hosts(chain[0])))));
    }
  }

  private void check(X509Certificate[] chain, Purpose side, Instant judged)
      throws CertificateException {
    if (chain.length == 0) {
      throw refused(Reason.NO_CERTIFICATE, "a peer without a certificate was refused");
    }
    checkPath(chain, judged);
    X509Certificate first = chain[0];
    if (!Purpose.of(first).contains(side)) {
      throw refused(
          Reason.WRONG_PURPOSE,
          "the certificate of %s was refused: its extended key usage is %s, needed is %s; %s"
              .formatted(
                  Validity.subject(first),
                  Purpose.text(Purpose.of(first)),
                  side.word(),
                  "connect with a certificate of the right role"));
    }
  }

  private void checkPath(X509Certificate[] chain, Instant judged) throws CertificateException {
    List<X509Certificate> path =
        Arrays.stream(chain).filter(certificate -> !certificate.equals(authority)).toList();
    if (path.isEmpty() || path.size() > LONGEST_CHAIN) {
      throw foreign(chain[0], null);
    }
    try {
      PKIXParameters rules = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
      rules.setRevocationEnabled(false);
      rules.setDate(Date.from(judged));
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), rules);
    } catch (CertPathValidatorException refused) {
      throw worded(chain[0], refused);
    } catch (GeneralSecurityException unusable) {
      throw new CertificateException("checking a certificate", unusable);
    }
  }

  private CertificateException worded(X509Certificate first, CertPathValidatorException failure) {
    CertPathValidatorException.Reason reason = failure.getReason();
    Optional<Refusal> notInForce = Validity.refusal(first, clock.wall());
    if (notInForce.isPresent()
        && (reason == BasicReason.EXPIRED || reason == BasicReason.NOT_YET_VALID)) {
      return new CertificateRefused(notInForce.get(), failure);
    }
    if (reason == PKIXReason.NO_TRUST_ANCHOR || reason == BasicReason.INVALID_SIGNATURE) {
      return foreign(first, failure);
    }
    return new CertificateRefused(
        new Refusal(
            Reason.HANDSHAKE,
            "the certificate of %s was refused: %s"
                .formatted(
                    Validity.subject(first),
                    Names.printable(String.valueOf(failure.getMessage())))),
        failure);
  }

  private CertificateRefused foreign(X509Certificate first, @Nullable Throwable cause) {
    return new CertificateRefused(
        new Refusal(
            Reason.OTHER_AUTHORITY,
            "the certificate of %s was refused: another authority issued it than the one here, whose SHA-256 begins %s; join this site with a token of its collector"
                .formatted(Validity.subject(first), Fingerprint.of(authority).brief())),
        cause);
  }

  private static CertificateRefused refused(Reason reason, String sentence) {
    return new CertificateRefused(new Refusal(reason, sentence), null);
  }
}
