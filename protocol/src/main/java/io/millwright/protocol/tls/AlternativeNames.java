package io.millwright.protocol.tls;

import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The subject alternative names of a certificate; none where they cannot be read. */
final class AlternativeNames {
  private static final int DNS = 2;
  private static final int URI = 6;
  private static final int ADDRESS = 7;

  private AlternativeNames() {}

  static List<String> uris(X509Certificate certificate) {
    return of(certificate, URI).toList();
  }

  /** Names and addresses of a server. */
  static List<String> hosts(X509Certificate certificate) {
    return Stream.concat(of(certificate, DNS), of(certificate, ADDRESS)).toList();
  }

  /** Whether the certificate is for this host: a name or an address, exactly; no wildcard. */
  static boolean isFor(X509Certificate certificate, String host) {
    return address(host)
        .map(wanted ->
            of(certificate, ADDRESS).flatMap(a -> address(a).stream()).anyMatch(wanted::equals))
        .orElseGet(() -> of(certificate, DNS).anyMatch(host::equalsIgnoreCase));
  }

  /** The address that a text is, without asking anybody for a name. */
  private static Optional<InetAddress> address(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException name) {
      return Optional.empty();
    }
  }

  private static Stream<String> of(X509Certificate certificate, int type) {
    return all(certificate).stream()
        .filter(name -> Integer.valueOf(type).equals(name.getFirst()))
        .map(name -> String.valueOf(name.get(1)));
  }

  private static List<List<?>> all(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return Optional.ofNullable(names).map(List::copyOf).orElse(List.of());
    } catch (CertificateParsingException unreadable) {
      return List.of();
    }
  }
}
