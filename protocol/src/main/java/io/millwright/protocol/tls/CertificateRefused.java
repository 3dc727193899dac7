package io.millwright.protocol.tls;

import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;

/** Carries a refusal through the JDK's handshake; its cause chooses the alert. */
final class CertificateRefused extends CertificateException {
  private static final long serialVersionUID = 1;

  private final transient Refusal refusal;

  CertificateRefused(Refusal refusal, @Nullable Throwable cause) {
    super(refusal.sentence(), cause);
    this.refusal = refusal;
  }

  Refusal refusal() {
    return refusal;
  }
}
