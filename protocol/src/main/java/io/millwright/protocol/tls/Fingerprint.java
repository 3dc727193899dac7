package io.millwright.protocol.tls;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The SHA-256 of something, in 64 small hexadecimal digits.
 *
 * @param hex as {@code openssl x509 -fingerprint -sha256} says it, without colons
 */
public record Fingerprint(String hex) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  public Fingerprint {
    Names.matching("sha256", hex, HEX, "64 hexadecimal digits");
  }

  public static Fingerprint of(X509Certificate certificate) {
    try {
      return of(certificate.getEncoded());
    } catch (CertificateEncodingException broken) {
      throw new TlsException("encoding a certificate that was read before", broken);
    }
  }

  public static Fingerprint of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The first 16 digits, for sentences. */
  public String brief() {
    return hex.substring(0, 16);
  }

  private static Fingerprint of(byte[] bytes) {
    try {
      return new Fingerprint(
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
    } catch (NoSuchAlgorithmException everyJavaHasIt) {
      throw new TlsException("taking a SHA-256", everyJavaHasIt);
    }
  }
}
