package io.millwright.collector.trust;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * A certificate request whose sender proved that it holds the key.
 *
 * @param name the one common name of its subject
 * @param key on P-256
 */
record SignedRequest(String name, PublicKey key) {

  /** The request of these bytes; empty where they are none, or not signed by the key in it. */
  static Optional<SignedRequest> of(byte[] der) {
    try {
      JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der);
      return isOnP256(request) && isSigned(request)
          ? name(request).map(name -> new SignedRequest(name, key(request)))
          : Optional.empty();
    } catch (IOException
        | GeneralSecurityException
        | OperatorCreationException
        | PKCSException
        | RuntimeException malformed) {
      // Bouncy Castle answers some malformed structures with IllegalArgumentException and the like.
      return Optional.empty();
    }
  }

  /** The curve by its name: explicit parameters can describe another curve of the same size. */
  private static boolean isOnP256(JcaPKCS10CertificationRequest request) {
    return SECObjectIdentifiers.secp256r1.equals(
        request.getSubjectPublicKeyInfo().getAlgorithm().getParameters());
  }

  private static boolean isSigned(JcaPKCS10CertificationRequest request)
      throws GeneralSecurityException, OperatorCreationException, PKCSException {
    return request.getPublicKey() instanceof ECPublicKey key
        && request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key));
  }

  private static Optional<String> name(JcaPKCS10CertificationRequest request) {
    return Optional.of(request.getSubject().getRDNs())
        .filter(parts -> parts.length == 1)
        .flatMap(parts -> common(parts[0]));
  }

  private static Optional<String> common(RDN part) {
    return Arrays.stream(part.getTypesAndValues())
        .filter(value -> value.getType().equals(BCStyle.CN))
        .map(AttributeTypeAndValue::getValue)
        .filter(ASN1String.class::isInstance)
        .map(value -> ((ASN1String) value).getString())
        .findFirst();
  }

  private static PublicKey key(JcaPKCS10CertificationRequest request) {
    try {
      return request.getPublicKey();
    } catch (GeneralSecurityException readBefore) {
      throw new IllegalStateException("reading a key that was read before", readBefore);
    }
  }
}
