package io.millwright.collector.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * One entry of the log.
 *
 * @param sequence from 1, without gaps
 * @param atMs by the collector's wall clock
 * @param previous hash of the entry before; {@link #NONE} of the first
 * @param hash SHA-256 over all other fields, in hexadecimal
 */
public record AuditEntry(long sequence, long atMs, AuditDraft draft, String previous, String hash) {
  /** What the first entry has instead of the hash of one before. */
  public static final String NONE = "0".repeat(64);

  private static final List<String> FIELDS =
      List.of(
          "sequence",
          "at_ms",
          "by",
          "what",
          "subject",
          "before",
          "after",
          "reason",
          "previous",
          "hash");

  /** The entry that follows another. */
  static AuditEntry after(long sequence, String previous, long atMs, AuditDraft draft) {
    return new AuditEntry(sequence, atMs, draft, previous, digest(sequence, atMs, draft, previous));
  }

  /** Whether its hash is that of what it says. */
  boolean whole() {
    return hash.equals(digest(sequence, atMs, draft, previous));
  }

  private static String digest(long sequence, long atMs, AuditDraft draft, String previous) {
    try {
      byte[] text = Json.bytes(tree(sequence, atMs, draft, previous));
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** In one order of fields, so that the same words have the same hash. */
  private static ObjectNode tree(long sequence, long atMs, AuditDraft draft, String previous) {
    return Json.object()
        .put("sequence", sequence)
        .put("at_ms", atMs)
        .put("by", draft.by())
        .put("what", draft.what())
        .put("subject", draft.subject())
        .put("before", draft.before())
        .put("after", draft.after())
        .put("reason", draft.reason())
        .put("previous", previous);
  }

  String json() {
    return Json.text(tree(sequence, atMs, draft, previous).put("hash", hash));
  }

  /**
   * Hash of the entry of a number; empty for what is no entry, another, or one that was changed.
   */
  static Optional<String> hashOf(long sequence, String text) {
    try {
      AuditEntry entry = of(text);
      return entry.sequence() == sequence && entry.whole()
          ? Optional.of(entry.hash())
          : Optional.empty();
    } catch (IllegalArgumentException none) {
      return Optional.empty();
    }
  }

  /**
   * @throws IllegalArgumentException for what is no entry
   */
  static AuditEntry of(String text) {
    Fields fields =
        Fields.of("", Json.read("the audit entry", text.getBytes(StandardCharsets.UTF_8)), FIELDS);
    return new AuditEntry(
        fields.whole("sequence"),
        fields.whole("at_ms"),
        new AuditDraft(
            fields.text("by"),
            fields.text("what"),
            fields.text("subject"),
            fields.text("before"),
            fields.text("after"),
            fields.text("reason")),
        fields.text("previous"),
        fields.text("hash"));
  }
}
