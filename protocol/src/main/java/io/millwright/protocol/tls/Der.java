package io.millwright.protocol.tls;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Writes the few forms of DER (ITU-T X.690) that a certificate request needs. */
final class Der {
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int INTEGER = 0x02;
  private static final int BITS = 0x03;
  private static final int OID = 0x06;
  private static final int UTF8 = 0x0C;
  private static final int CONTEXT_0 = 0xA0;

  private Der() {}

  static byte[] sequence(byte[]... parts) {
    return tagged(SEQUENCE, parts);
  }

  static byte[] set(byte[]... parts) {
    return tagged(SET, parts);
  }

  static byte[] zero() {
    return tagged(INTEGER, new byte[] {0});
  }

  /** The object identifier of these content bytes. */
  static byte[] oid(String hex) {
    return tagged(OID, HexFormat.of().parseHex(hex));
  }

  static byte[] text(String text) {
    return tagged(UTF8, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whole bytes as a bit string. */
  static byte[] bits(byte[] bytes) {
    return tagged(BITS, new byte[] {0}, bytes);
  }

  static byte[] emptyContext0() {
    return tagged(CONTEXT_0);
  }

  private static byte[] tagged(int tag, byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    out.write(tag);
    writeLength(out, length);
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** One byte below 128, else their number and the bytes; nothing here is longer than 65535. */
  private static void writeLength(ByteArrayOutputStream out, int length) {
    if (length < 0x80) {
      out.write(length);
      return;
    }
    if (length < 0x100) {
      out.write(0x81);
      out.write(length);
      return;
    }
    out.write(0x82);
    out.write(length >> 8);
    out.write(length);
  }
}
