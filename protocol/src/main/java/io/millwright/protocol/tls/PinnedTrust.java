package io.millwright.protocol.tls;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Refusal.Reason;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Believes the authority whose SHA-256 stands in a join token, of a collector only. */
final class PinnedTrust extends X509ExtendedTrustManager {
  private final JoinToken token;
  private final Clock clock;

  PinnedTrust(JoinToken token, Clock clock) {
    this.token = token;
    this.clock = clock;
  }

  @Override
  public void checkServerTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    pinned(chain).checkServerTrusted(chain, authType, engine);
    checkRole(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    pinned(chain).checkServerTrusted(chain, authType, socket);
    checkRole(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    pinned(chain).checkServerTrusted(chain, authType);
    checkRole(chain[0]);
  }

  @Override
  public void checkClientTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("one who joins serves nobody");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    throw new CertificateException("one who joins serves nobody");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("one who joins serves nobody");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  private SiteTrust pinned(X509Certificate[] chain) throws CertificateException {
    return Arrays.stream(chain)
        .filter(certificate -> Fingerprint.of(certificate).equals(token.authority()))
        .findFirst()
        .map(authority -> new SiteTrust(authority, clock))
        .orElseThrow(() ->
            new CertificateRefused(
                new Refusal(
                    Reason.OTHER_AUTHORITY,
                    "the server was refused: the token is for the authority whose SHA-256 begins %s, which is not in what it showed; compare the collector's address, or ask for a new token"
                        .formatted(token.authority().brief())),
                null));
  }

  private void checkRole(X509Certificate server) throws CertificateException {
    switch (Door.forCollectors(token.node().site(), clock).admit(server)) {
      case Admission.Admitted ignored -> {}
      case Admission.Refused(Refusal refusal) -> throw new CertificateRefused(refusal, null);
    }
  }
}
