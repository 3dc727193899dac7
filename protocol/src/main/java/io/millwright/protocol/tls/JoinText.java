package io.millwright.protocol.tls;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The form of the two messages of a join: a heading, then lines of a word, a blank and a value. An
 * unknown word is an error, because an older side must not act on half of a message.
 */
final class JoinText {
  /** Nobody has shown a certificate yet. */
  static final int LARGEST_REQUEST = 4096;

  static final int LARGEST_ANSWER = 16 * 1024;

  private JoinText() {}

  /** The lines under this heading; empty where the bytes are no such message. */
  static Optional<Map<String, String>> parse(byte[] bytes, int largest, String heading) {
    return bytes.length > largest
        ? Optional.empty()
        : decoded(bytes).flatMap(text -> lines(text.split("\n", -1), heading));
  }

  static byte[] write(String heading, Map<String, String> lines) {
    StringBuilder text = new StringBuilder(heading).append('\n');
    lines.forEach((word, value) -> text.append(word).append(' ').append(value).append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The bytes of a value in Base64; empty where it is none. */
  static Optional<byte[]> binary(String value) {
    try {
      return Optional.of(Base64.getDecoder().decode(value));
    } catch (IllegalArgumentException none) {
      return Optional.empty();
    }
  }

  static String binary(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static Optional<String> decoded(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException notText) {
      return Optional.empty();
    }
  }

  /** The last line ends too, so what follows it is nothing. */
  private static Optional<Map<String, String>> lines(String[] lines, String heading) {
    if (lines.length < 2 || !lines[0].equals(heading) || !lines[lines.length - 1].isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> found = new LinkedHashMap<>();
    for (int i = 1; i < lines.length - 1; i++) {
      int blank = lines[i].indexOf(' ');
      if (blank < 1
          || found.put(lines[i].substring(0, blank), lines[i].substring(blank + 1)) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(found);
  }
}
