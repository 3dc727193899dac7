package io.millwright.collector.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.tls.CertificateRequest;
import java.security.KeyPair;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we write by hand, as Bouncy Castle reads it. */
class CertificateRequestTest {
  private final KeyPair keys = CertificateRequest.newKeys();

  /** The lengths below and above which DER writes a length in one, two and three bytes. */
  @ParameterizedTest
  @ValueSource(ints = {1, 8, 47, 48, 100, 110, 127, 128, 200, 253})
  void isReadAsItWasWritten(int length) throws Exception {
    String name = "n".repeat(length);
    byte[] der = CertificateRequest.of(keys, name);
    JcaPKCS10CertificationRequest read = new JcaPKCS10CertificationRequest(der);

    assertThat(read.getSubject().toString()).isEqualTo("CN=" + name);
    assertThat(read.getPublicKey()).isEqualTo(keys.getPublic());
    assertThat(read.getSignatureAlgorithm().getAlgorithm())
        .isEqualTo(X9ObjectIdentifiers.ecdsa_with_SHA256);
    assertThat(read.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)).isEmpty();
    assertThat(
            read.isSignatureValid(
                new JcaContentVerifierProviderBuilder().build(read.getPublicKey())))
        .isTrue();
    assertThat(read.toASN1Structure().getEncoded("DER")).isEqualTo(der);
  }

  @Test
  void provesThatTheKeyIsHeld() {
    assertThat(SignedRequest.of(CertificateRequest.of(keys, "gpu-07")))
        .contains(new SignedRequest("gpu-07", keys.getPublic()));
  }
}
