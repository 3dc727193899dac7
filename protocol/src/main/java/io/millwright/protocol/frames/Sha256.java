package io.millwright.protocol.frames;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The digest of this protocol. Every Java runtime has it. */
final class Sha256 {
  static final int LENGTH = 32;

  private Sha256() {}

  static byte[] of(byte[] bytes, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, length);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime has no SHA-256", e);
    }
  }
}
