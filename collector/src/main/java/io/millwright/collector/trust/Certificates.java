package io.millwright.collector.trust;

import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Purpose;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates: what stands in them, and the signature. */
final class Certificates {
  private static final String ALGORITHM = "SHA256withECDSA";
  private static final int SERIAL_BITS = 126;

  /** RFC 5280, appendix A: ub-common-name. */
  private static final int LONGEST_COMMON_NAME = 64;

  private static final SecureRandom RANDOM = new SecureRandom();

  private Certificates() {}

  /** An authority that signs itself; it may sign certificates, and no further authority. */
  static X509Certificate authority(String site, KeyPair keys, Life life) {
    X500Name name = name(site, "Millwright authority");
    X509v3CertificateBuilder certificate = builder(name, life, name, keys.getPublic());
    return made(
        certificate,
        keys.getPrivate(),
        () -> {
          JcaX509ExtensionUtils keyIds = new JcaX509ExtensionUtils();
          certificate
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
              .addExtension(
                  Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
              .addExtension(
                  Extension.subjectKeyIdentifier,
                  false,
                  keyIds.createSubjectKeyIdentifier(keys.getPublic()))
              .addExtension(
                  Extension.subjectAlternativeName,
                  false,
                  new GeneralNames(uri(Authority.uriOf(site))));
        });
  }

  /** A certificate that says who somebody is. */
  static X509Certificate issue(
      PeerIdentity who,
      List<String> hosts,
      PublicKey key,
      Life life,
      X509Certificate authority,
      PrivateKey authorityKey) {
    X509v3CertificateBuilder certificate =
        builder(
            X500Name.getInstance(authority.getSubjectX500Principal().getEncoded()),
            life,
            name(who.site(), who.words()),
            key);
    return made(
        certificate,
        authorityKey,
        () -> {
          JcaX509ExtensionUtils keyIds = new JcaX509ExtensionUtils();
          certificate
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
              .addExtension(Extension.extendedKeyUsage, false, purposes(who))
              .addExtension(
                  Extension.subjectKeyIdentifier, false, keyIds.createSubjectKeyIdentifier(key))
              .addExtension(
                  Extension.authorityKeyIdentifier,
                  false,
                  keyIds.createAuthorityKeyIdentifier(authority.getPublicKey()))
              .addExtension(Extension.subjectAlternativeName, false, alternativeNames(who, hosts));
        });
  }

  /** Adds what a certificate says beyond its subject and its key. */
  private interface Extensions {
    void add() throws IOException, GeneralSecurityException;
  }

  private static X509Certificate made(
      X509v3CertificateBuilder certificate, PrivateKey signer, Extensions extensions) {
    try {
      extensions.add();
      return new JcaX509CertificateConverter()
          .getCertificate(certificate.build(new JcaContentSignerBuilder(ALGORITHM).build(signer)));
    } catch (IOException | GeneralSecurityException | OperatorCreationException failure) {
      throw new TlsException("making a certificate", failure);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, Life life, X500Name subject, PublicKey key) {
    BigInteger serial = new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS);
    return new JcaX509v3CertificateBuilder(
        issuer, serial, Date.from(life.begins()), Date.from(life.ends()), subject, key);
  }

  private static ExtendedKeyUsage purposes(PeerIdentity who) {
    return new ExtendedKeyUsage(
        who.purposes().stream()
            .sorted()
            .map(Purpose::oid)
            .map(ASN1ObjectIdentifier::new)
            .map(KeyPurposeId::getInstance)
            .toArray(KeyPurposeId[]::new));
  }

  private static GeneralNames alternativeNames(PeerIdentity who, List<String> hosts) {
    return new GeneralNames(
        Stream.concat(Stream.of(uri(who.uri())), hosts.stream().map(Certificates::host))
            .toArray(GeneralName[]::new));
  }

  private static GeneralName uri(String uri) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, uri);
  }

  private static GeneralName host(String host) {
    try {
      return new GeneralName(GeneralName.iPAddress, InetAddress.ofLiteral(host).getHostAddress());
    } catch (IllegalArgumentException name) {
      return new GeneralName(GeneralName.dNSName, host);
    }
  }

  /** For people; programs read the alternative name. */
  private static X500Name name(String site, String words) {
    String common = words.substring(0, Math.min(LONGEST_COMMON_NAME, words.length()));
    return new X500NameBuilder().addRDN(BCStyle.O, site).addRDN(BCStyle.CN, common).build();
  }
}
