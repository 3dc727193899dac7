package io.millwright.protocol.frames;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** RFC 1950, by the JDK. */
final class Deflation {
  /** Deflate cannot make more than 1032 bytes of one. */
  private static final int MOST_FOR_ONE = 1032;

  private Deflation() {}

  static Payload deflate(byte[] content, int length) {
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(content, 0, length);
      deflater.finish();
      byte[] packed = new byte[length + length / 1000 + 64];
      int packedLength = 0;
      while (!deflater.finished()) {
        if (packedLength == packed.length) {
          packed = Arrays.copyOf(packed, packed.length * 2);
        }
        packedLength += deflater.deflate(packed, packedLength, packed.length - packedLength);
      }
      return Payload.owning(Arrays.copyOf(packed, packedLength));
    } finally {
      deflater.end();
    }
  }

  /**
   * @param length that the content must have, bounded by the caller
   * @throws IllegalArgumentException where it has not
   */
  static byte[] inflate(Payload packed, int length) {
    if (length / MOST_FOR_ONE > packed.length()) {
      throw Bounds.refused(
          "schema bytes", Integer.toString(length), "what %s can hold".formatted(packed));
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed.shared());
      byte[] content = new byte[length];
      int inflated = inflater.inflate(content);
      if (inflated != length || !ends(inflater)) {
        throw Bounds.refused("deflated schema", packed.toString(), length + " bytes, inflated");
      }
      return content;
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("deflated schema: these bytes are not deflated", e);
    } finally {
      inflater.end();
    }
  }

  private static boolean ends(Inflater inflater) throws DataFormatException {
    return inflater.finished() || (inflater.inflate(new byte[1]) == 0 && inflater.finished());
  }
}
