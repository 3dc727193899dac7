package io.millwright.protocol.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The extended key usages of RFC 5280, section 4.2.1.12, that mean something here. */
public enum Purpose {
  SERVER("1.3.6.1.5.5.7.3.1", "serverAuth"),
  CLIENT("1.3.6.1.5.5.7.3.2", "clientAuth");

  private final String oid;
  private final String word;

  Purpose(String oid, String word) {
    this.oid = oid;
    this.word = word;
  }

  /** The object identifier. */
  public String oid() {
    return oid;
  }

  /** Its name in RFC 5280. */
  public String word() {
    return word;
  }

  /** Those that a certificate names; none where it names none, and never "any". */
  static Set<Purpose> of(X509Certificate certificate) {
    List<String> oids = oids(certificate);
    return Arrays.stream(values())
        .filter(purpose -> oids.contains(purpose.oid))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Purpose.class)));
  }

  /** {@code serverAuth+clientAuth}, or {@code none}. */
  static String text(Set<Purpose> purposes) {
    return purposes.isEmpty()
        ? "none"
        : purposes.stream().map(Purpose::word).collect(Collectors.joining("+"));
  }

  private static List<String> oids(X509Certificate certificate) {
    try {
      return Optional.ofNullable(certificate.getExtendedKeyUsage()).orElse(List.of());
    } catch (CertificateParsingException unreadable) {
      return List.of();
    }
  }
}
