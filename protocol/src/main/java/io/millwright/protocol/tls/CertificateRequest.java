package io.millwright.protocol.tls;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;

/**
 * A certificate request, PKCS#10 (RFC 2986), of an ECDSA P-256 key. It says a name as the subject's
 * common name and nothing else: what a certificate says is the authority's affair.
 */
public final class CertificateRequest {
  static final String ALGORITHM = "SHA256withECDSA";

  /** 1.2.840.10045.4.3.2. */
  private static final String ECDSA_WITH_SHA256 = "2a8648ce3d040302";

  /** 2.5.4.3. */
  private static final String COMMON_NAME = "550403";

  private CertificateRequest() {}

  /** A fresh key pair. */
  public static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException unusable) {
      throw new TlsException("making an ECDSA P-256 key with this Java", unusable);
    }
  }

  /** The request in DER, signed with the key it is for. */
  public static byte[] of(KeyPair keys, String name) {
    byte[] subject = Der.sequence(Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.text(name))));
    byte[] asked =
        Der.sequence(Der.zero(), subject, keys.getPublic().getEncoded(), Der.emptyContext0());
    return Der.sequence(
        asked, Der.sequence(Der.oid(ECDSA_WITH_SHA256)), Der.bits(signature(keys, asked)));
  }

  private static byte[] signature(KeyPair keys, byte[] asked) {
    try {
      Signature signing = Signature.getInstance(ALGORITHM);
      signing.initSign(keys.getPrivate());
      signing.update(asked);
      return signing.sign();
    } catch (GeneralSecurityException unusable) {
      throw new TlsException("signing a certificate request", unusable);
    }
  }
}
