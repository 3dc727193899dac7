package io.millwright.protocol.orders;

import io.millwright.protocol.tls.Pem;
import io.millwright.protocol.tls.TlsException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * A public key by which a node knows the orders of its collector: Ed25519 (RFC 8032). As a file it
 * is PEM (RFC 8410), which {@code openssl pkey -pubin} reads.
 */
public record OrderKey(PublicKey key) {
  static final String ALGORITHM = "Ed25519";
  static final String BLOCK = "PUBLIC KEY";
  private static final int ID_BYTES = 8;

  /**
   * Reads the text of such a file.
   *
   * @param name of the text, for sentences: a file's mostly
   */
  public static OrderKey read(String name, String text) {
    byte[] der = Pem.single(name, text, BLOCK);
    try {
      return new OrderKey(
          KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(der)));
    } catch (GeneralSecurityException unreadable) {
      throw new TlsException(
          name
              + " holds a key that is no Ed25519 key; 'millwright-collector ca orders-key' prints"
              + " one",
          unreadable);
    }
  }

  /** The text of such a file. */
  public String pem() {
    return Pem.text(key);
  }

  /** The first 16 hexadecimal digits of the SHA-256 of its DER form. */
  public String id() {
    return HexFormat.of().formatHex(sha256(key.getEncoded()), 0, ID_BYTES);
  }

  /** Whether the owner of this key signed these bytes. */
  boolean signed(byte[] message, byte[] signature) {
    try {
      Signature verifying = Signature.getInstance(ALGORITHM);
      verifying.initVerify(key);
      verifying.update(message);
      return verifying.verify(signature);
    } catch (SignatureException malformed) {
      return false;
    } catch (GeneralSecurityException unusable) {
      throw new IllegalStateException("checking an Ed25519 signature with this Java", unusable);
    }
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException everyJavaHasIt) {
      throw new IllegalStateException("taking a SHA-256", everyJavaHasIt);
    }
  }
}
