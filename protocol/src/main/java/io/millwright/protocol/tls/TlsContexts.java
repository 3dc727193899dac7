package io.millwright.protocol.tls;

import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** What all our TLS has in common: 1.3 and nothing older. */
final class TlsContexts {
  private static final String[] PROTOCOLS = {"TLSv1.3"};
  private static final String[] CIPHERS = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
  };

  private TlsContexts() {}

  static SSLContext of(KeyManager[] keys, TrustManager trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(keys, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException unusable) {
      throw new TlsException("preparing TLS 1.3 with this Java", unusable);
    }
  }

  /** A context of this kind speaks older versions too where these are not set. */
  static SSLParameters parameters() {
    return new SSLParameters(CIPHERS.clone(), PROTOCOLS.clone());
  }
}
