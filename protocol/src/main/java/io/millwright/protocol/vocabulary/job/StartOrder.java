package io.millwright.protocol.vocabulary.job;

import java.util.regex.Pattern;

/**
 * The order to begin a run, as the collector signed it. What it wants stands in the text of the
 * assignment alone, which travels as it is.
 *
 * @param assignment the JSON of an {@link Assignment}, to the letter as it was signed
 * @param store the id of the collector's store, in which the run was granted
 * @param notAfter seconds since 1970, UTC: it begins nothing after that
 * @param key which key signed it: 16 hexadecimal digits
 * @param signature Ed25519 (RFC 8032), 64 bytes in Base64
 */
public record StartOrder(
    String assignment, String store, long notAfter, String key, String signature) {
  /** Characters; far above the largest assignment. */
  private static final int LONGEST = 4 << 20;

  /** The year 9999. */
  private static final long LATEST = 253_402_300_799L;

  private static final Pattern STORE = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern KEY = Pattern.compile("[0-9a-f]{16}");
  private static final Pattern SIGNATURE = Pattern.compile("[A-Za-z0-9+/]{86}==");

  public StartOrder {
    Wording.text("assignment", assignment, LONGEST);
    Wording.matching("store", store, STORE, "up to 64 letters, digits and '-'");
    Wording.between("not_after", notAfter, 1, LATEST);
    Wording.matching("key", key, KEY, "16 hexadecimal digits");
    Wording.matching("signature", signature, SIGNATURE, "64 bytes in Base64");
  }
}
