package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.vocabulary.LogHead;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The ends of audit logs that a node was told and has kept; the body of AUDIT_HEADS, and the file
 * that the node keeps them in.
 *
 * @param node that kept them
 * @param heads in the order in which they were told
 * @param conflict what a collector told that does not continue them; empty where all did
 */
public record AuditHeadsBody(String node, List<Kept> heads, Optional<Kept> conflict) {
  /** The most of a node. */
  public static final int MOST_HEADS = 64;

  private static final int LONGEST_NODE = 253;
  private static final List<String> FIELDS = List.of("node", "heads", "conflict");
  private static final List<String> HEAD =
      List.of("store", "generation", "sequence", "hash", "seen_ms");

  /**
   * One of them.
   *
   * @param seenMs when it was told, by the node's wall clock in milliseconds since 1970
   */
  public record Kept(LogHead head, long seenMs) {
    public Kept {
      if (seenMs < 0) {
        throw JsonMistake.refused("seen_ms", Long.toString(seenMs), "a time from 0");
      }
    }
  }

  public AuditHeadsBody {
    heads = List.copyOf(heads);
    if (node.isEmpty() || node.length() > LONGEST_NODE) {
      throw JsonMistake.refused(
          "node", Shown.quoted(node), "1 to %d characters".formatted(LONGEST_NODE));
    }
    if (heads.size() > MOST_HEADS) {
      throw new JsonMistake(
          "heads: %d are refused; allowed are %d at most".formatted(heads.size(), MOST_HEADS));
    }
  }

  /**
   * @throws JsonMistake for what is no such body
   */
  public static AuditHeadsBody of(byte[] text) {
    Fields fields = Fields.of("", Json.read("the heads of audit logs", text), FIELDS);
    return new AuditHeadsBody(
        fields.text("node"),
        fields.objects("heads", HEAD).stream().map(AuditHeadsBody::kept).toList(),
        fields.has("conflict")
            ? Optional.of(kept(fields.object("conflict", HEAD)))
            : Optional.empty());
  }

  private static Optional<UUID> uuid(String text) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException none) {
      return Optional.empty();
    }
  }

  /**
   * One of them.
   *
   * @throws JsonMistake for what is none
   */
  public static Kept kept(Fields fields) {
    try {
      return new Kept(
          new LogHead(
              fields.word("store", AuditHeadsBody::uuid, "a UUID"),
              fields.whole("generation"),
              fields.whole("sequence"),
              fields.text("hash")),
          fields.whole("seen_ms"));
    } catch (JsonMistake mistake) {
      throw mistake;
    } catch (IllegalArgumentException refused) {
      throw new JsonMistake(String.valueOf(refused.getMessage()), refused);
    }
  }

  public byte[] json() {
    ObjectNode tree = Json.object().put("node", node);
    ArrayNode list = tree.putArray("heads");
    heads.forEach(one -> put(list.addObject(), one));
    conflict.ifPresent(one -> put(tree.putObject("conflict"), one));
    return Json.bytes(tree);
  }

  private static void put(ObjectNode tree, Kept one) {
    tree.put("store", one.head().store().toString())
        .put("generation", one.head().generation())
        .put("sequence", one.head().sequence())
        .put("hash", one.head().hash())
        .put("seen_ms", one.seenMs());
  }
}
