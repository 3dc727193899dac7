package io.millwright.protocol.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.PrivateKey;
import org.junit.jupiter.api.Test;

/** Keys as text; certificates are read back where they can be made, in the collector. */
class PemTest {
  private final PrivateKey key = CertificateRequest.newKeys().getPrivate();

  @Test
  void aKeyIsReadAsItIsWritten() {
    assertThat(Pem.key("f", Pem.text(key))).isEqualTo(key);
    assertThat(Pem.key("f", "# mine\n" + Pem.text(key).replace("\n", "\r\n"))).isEqualTo(key);
  }

  @Test
  void saysWhatIsMissing() {
    assertThatThrownBy(() -> Pem.key("identity.pem", ""))
        .isInstanceOf(TlsException.class)
        .hasMessageStartingWith("identity.pem holds 0 private keys in PKCS#8, allowed is one");
    assertThatThrownBy(
            () -> Pem.key("identity.pem", Pem.text(key).replace("PRIVATE", "EC PRIVATE")))
        .hasMessageContaining("'openssl pkcs8 -topk8 -nocrypt'");
    assertThatThrownBy(() -> Pem.certificates("ca.pem", Pem.text(key)))
        .hasMessage(
            "ca.pem holds no certificate: -----BEGIN CERTIFICATE----- is missing or cut off");
  }

  @Test
  void saysWhatIsBroken() {
    String broken = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";

    assertThatThrownBy(() -> Pem.certificates("ca.pem", broken))
        .hasMessage("ca.pem holds a certificate that cannot be read");
    assertThatThrownBy(() -> Pem.key("identity.pem", broken.replace("CERTIFICATE", "PRIVATE KEY")))
        .hasMessageStartingWith("identity.pem holds a private key that is no EC key");
  }
}
