package io.millwright.collector.trust;

import io.millwright.protocol.tls.CertificateRequest;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Purpose;
import io.millwright.protocol.tls.Role;
import io.millwright.protocol.tls.TlsException;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Certificates of one site in memory, at the time of a clock that the test sets. Two of the same
 * site name are two authorities.
 */
public final class TestCertificates {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private final TestClock clock = new TestClock(NOW);
  private final String site;
  private final KeyPair keys = CertificateRequest.newKeys();
  private final Credentials self;
  private final Authority authority;

  public TestCertificates(String site) {
    this.site = site;
    Life life = Life.from(NOW.minus(Duration.ofDays(400)), Authority.AUTHORITY_LIFE);
    var certificate = Certificates.authority(site, keys, life);
    this.self = new Credentials(keys.getPrivate(), certificate, certificate);
    this.authority = Authority.of(self, clock);
  }

  public TestClock clock() {
    return clock;
  }

  public Authority authority() {
    return authority;
  }

  public Credentials node(String name) {
    return authority.issue(new PeerIdentity.Node(site, name), List.of());
  }

  public Credentials operator(Role role, String name) {
    return authority.issue(new PeerIdentity.Operator(site, role, name), List.of());
  }

  /** Of a collector on loopback. */
  public Credentials collector() {
    return collector(Hosts.LOOPBACK);
  }

  public Credentials collector(List<String> hosts) {
    return authority.issue(new PeerIdentity.Collector(site, "collector-1"), hosts);
  }

  /** A node whose certificate began so long ago; 90 days are its life. */
  public Credentials nodeOf(String name, Duration ago) {
    return Authority.of(self, new TestClock(clock.wall().minus(ago)))
        .issue(new PeerIdentity.Node(site, name), List.of());
  }

  /** A certificate on loopback that says what it is told to, signed by the site's authority. */
  public Credentials odd(List<String> uris, List<Purpose> purposes) {
    return odd(self, uris, purposes);
  }

  /** A certificate that a node signed with its own, as if it were an authority. */
  public Credentials signedByNode(Credentials node, String uri) {
    return odd(node, List.of(uri), List.of(Purpose.CLIENT));
  }

  private Credentials odd(Credentials signer, List<String> uris, List<Purpose> purposes) {
    KeyPair holder = CertificateRequest.newKeys();
    try {
      var certificate =
          new JcaX509v3CertificateBuilder(
                  X500Name.getInstance(signer.certificate().getSubjectX500Principal().getEncoded()),
                  BigInteger.TWO,
                  Date.from(clock.wall().minus(Duration.ofDays(1))),
                  Date.from(clock.wall().plus(Duration.ofDays(1))),
                  new X500Name("CN=odd"),
                  holder.getPublic())
              .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names(uris)))
              .addExtension(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(
                      purposes.stream()
                          .map(p -> KeyPurposeId.getInstance(new ASN1ObjectIdentifier(p.oid())))
                          .toArray(KeyPurposeId[]::new)));
      return new Credentials(
          holder.getPrivate(),
          new JcaX509CertificateConverter()
              .getCertificate(
                  certificate.build(
                      new JcaContentSignerBuilder("SHA256withECDSA").build(signer.key()))),
          signer.certificate());
    } catch (IOException | GeneralSecurityException | OperatorCreationException failure) {
      throw new TlsException("making an odd certificate", failure);
    }
  }

  private static GeneralName[] names(List<String> uris) {
    return Stream.concat(
            Stream.of(new GeneralName(GeneralName.dNSName, "localhost")),
            uris.stream().map(u -> new GeneralName(GeneralName.uniformResourceIdentifier, u)))
        .toArray(GeneralName[]::new);
  }
}
