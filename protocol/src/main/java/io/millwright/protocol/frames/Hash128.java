package io.millwright.protocol.frames;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** The first 128 bits of a SHA-256. */
public record Hash128(long high, long low) {
  /** Of nothing: no schema yet. */
  public static final Hash128 NONE = new Hash128(0, 0);

  static Hash128 of(byte[] bytes, int length) {
    ByteBuffer digest = ByteBuffer.wrap(Sha256.of(bytes, length));
    return new Hash128(digest.getLong(), digest.getLong());
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
