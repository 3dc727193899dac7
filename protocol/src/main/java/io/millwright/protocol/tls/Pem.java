package io.millwright.protocol.tls;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keys and certificates as text (RFC 7468): certificates, private keys in PKCS#8, public keys.
 *
 * <p><i>Failure:</i> a {@link TlsException} whose sentence begins with the name that the caller
 * gave to the text, a file's mostly.
 */
public final class Pem {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String KEY = "PRIVATE KEY";
  private static final String PUBLIC = "PUBLIC KEY";
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s([A-Za-z0-9+/=\\s]*)-----END \\1-----");

  private Pem() {}

  public static String text(X509Certificate certificate) {
    try {
      return block(CERTIFICATE, certificate.getEncoded());
    } catch (CertificateEncodingException broken) {
      throw new TlsException("encoding a certificate that was read before", broken);
    }
  }

  public static String text(PrivateKey key) {
    return block(KEY, key.getEncoded());
  }

  public static String text(PublicKey key) {
    return block(PUBLIC, key.getEncoded());
  }

  /**
   * The DER form of the one block of its kind.
   *
   * @param kind as in {@code PUBLIC KEY}
   */
  public static byte[] single(String name, String text, String kind) {
    List<byte[]> found = blocks(name, text, kind);
    if (found.size() != 1) {
      throw new TlsException(
          "%s holds %d times -----BEGIN %s-----, allowed is once"
              .formatted(name, found.size(), kind));
    }
    return found.getFirst();
  }

  /** All certificates of a text, at least one, in their order. */
  public static List<X509Certificate> certificates(String name, String text) {
    List<X509Certificate> found =
        blocks(name, text, CERTIFICATE).stream().map(der -> certificate(name, der)).toList();
    if (found.isEmpty()) {
      throw new TlsException(
          name + " holds no certificate: -----BEGIN CERTIFICATE----- is missing or cut off");
    }
    return found;
  }

  /** The one private key of a text, an EC key. */
  public static PrivateKey key(String name, String text) {
    List<byte[]> found = blocks(name, text, KEY);
    if (found.size() != 1) {
      throw new TlsException(
          "%s holds %d private keys in PKCS#8, allowed is one; 'openssl pkcs8 -topk8 -nocrypt' makes that of another form"
              .formatted(name, found.size()));
    }
    try {
      return KeyFactory.getInstance("EC")
          .generatePrivate(new PKCS8EncodedKeySpec(found.getFirst()));
    } catch (GeneralSecurityException unreadable) {
      throw new TlsException(
          name + " holds a private key that is no EC key; allowed is ECDSA on P-256", unreadable);
    }
  }

  /** A certificate of its DER form. */
  static X509Certificate certificate(String name, byte[] der) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException unreadable) {
      throw new TlsException(name + " holds a certificate that cannot be read", unreadable);
    }
  }

  private static List<byte[]> blocks(String name, String text, String kind) {
    List<byte[]> found = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(text);
    while (blocks.find()) {
      if (blocks.group(1).equals(kind)) {
        found.add(decoded(name, blocks.group(2)));
      }
    }
    return found;
  }

  private static byte[] decoded(String name, String base64) {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException broken) {
      throw new TlsException(name + " holds a block that is not in Base64", broken);
    }
  }

  private static String block(String kind, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %1$s-----\n"
        .formatted(kind, LINES.encodeToString(der));
  }
}
