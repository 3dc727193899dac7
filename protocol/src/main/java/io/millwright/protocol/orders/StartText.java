package io.millwright.protocol.orders;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Term;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What is signed of a start, lines of UTF-8 that end by LF; no value has a control character.
 *
 * <pre>
 * millwright-start 1
 * node gpu-07
 * store 6f1c7a8e-2d1b-4c3a-9f00-0a1b2c3d4e5f
 * term 1 5 -8123
 * run train 3
 * not-after 1790000000
 * assignment SHA-256 of the assignment's text, in hexadecimal digits
 * </pre>
 */
final class StartText {
  /** No other text that a key of the site may sign begins so. */
  private static final String DOMAIN = "millwright-start 1";

  private StartText() {}

  /**
   * The bytes to sign.
   *
   * @param text of the assignment, to the letter
   * @param read what that text says
   */
  static byte[] of(String text, Assignment read, String store, long notAfter) {
    Term term = read.term();
    String digest =
        HexFormat.of().formatHex(OrderKey.sha256(text.getBytes(StandardCharsets.UTF_8)));
    String lines =
        String.join(
            "\n",
            DOMAIN,
            "node " + read.node(),
            "store " + store,
            "term " + term.generation() + " " + term.number() + " " + term.start(),
            "run " + read.id().job() + " " + read.id().run(),
            "not-after " + notAfter,
            "assignment " + digest,
            "");
    return lines.getBytes(StandardCharsets.UTF_8);
  }
}
