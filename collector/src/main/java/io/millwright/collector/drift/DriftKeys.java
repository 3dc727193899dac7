package io.millwright.collector.drift;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Keys of Ed25519 (RFC 8032) as PEM: PKCS 8 and SubjectPublicKeyInfo, as OpenSSL has them. */
final class DriftKeys {
  static final String ALGORITHM = "Ed25519";
  private static final int LARGEST = 16 << 10;
  private static final String PRIVATE = "PRIVATE KEY";
  private static final String PUBLIC = "PUBLIC KEY";

  private DriftKeys() {}

  static KeyPair generate() {
    try {
      return KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("making a key of Ed25519", e);
    }
  }

  /**
   * @throws IllegalArgumentException with one sentence where it is no such key
   */
  static PublicKey publicKey(Path file) throws IOException {
    byte[] der = der(file, PUBLIC);
    try {
      return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(der));
    } catch (GeneralSecurityException e) {
      throw refused(file, PUBLIC, e);
    }
  }

  /**
   * @throws IllegalArgumentException with one sentence where it is no such key
   */
  static PrivateKey privateKey(Path file) throws IOException {
    byte[] der = der(file, PRIVATE);
    try {
      return KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException e) {
      throw refused(file, PRIVATE, e);
    }
  }

  private static byte[] der(Path file, String kind) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw refused(file, kind, null);
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
    String first = "-----BEGIN " + kind + "-----";
    String last = "-----END " + kind + "-----";
    if (!text.startsWith(first) || !text.endsWith(last)) {
      throw refused(file, kind, null);
    }
    try {
      return Base64.getMimeDecoder()
          .decode(text.substring(first.length(), text.length() - last.length()));
    } catch (IllegalArgumentException e) {
      throw refused(file, kind, e);
    }
  }

  private static IllegalArgumentException refused(
      Path file, String kind, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "%s is no %s of Ed25519 in PEM; 'millwright collector drift key' makes a pair"
            .formatted(file, kind.toLowerCase(Locale.ROOT)),
        cause);
  }

  static String pem(Key key) {
    String kind = key instanceof PrivateKey ? PRIVATE : PUBLIC;
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, body, kind);
  }
}
