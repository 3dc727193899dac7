package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What an evidence bundle holds and what it lacks: its first entry, {@code manifest.json}, and a
 * part of CAPTURED.
 *
 * @param id by which it is read
 * @param atMs when it was begun, by the node's wall clock
 * @param reason one sentence of whoever wanted it
 * @param incident that it belongs to; empty for none
 * @param parts the other entries, in their order
 * @param missing what could not be had, and why
 */
public record BundleManifest(
    String id,
    String node,
    long atMs,
    String reason,
    String incident,
    List<Part> parts,
    List<Missing> missing) {
  /** The most parts, and the most that are missing. */
  public static final int MOST_PARTS = 64;

  private static final List<String> FIELDS =
      List.of("schema_version", "id", "node", "at_ms", "reason", "incident", "parts", "missing");
  private static final List<String> PART = List.of("name", "bytes", "sha256", "simulated");
  private static final List<String> MISSING = List.of("name", "why");
  private static final int LONGEST_NAME = 120;
  private static final int LONGEST_TEXT = 256;
  private static final int SCHEMA = 1;

  /**
   * An entry of the archive.
   *
   * @param sha256 of its bytes, in hexadecimal
   * @param simulated whether it was read from simulated hardware
   */
  public record Part(String name, long bytes, String sha256, boolean simulated) {
    public Part {
      name = Lines.one(name, LONGEST_NAME);
    }
  }

  /** What is not in the archive. */
  public record Missing(String name, String why) {
    public Missing {
      name = Lines.one(name, LONGEST_NAME);
      why = Lines.one(why, LONGEST_TEXT);
    }
  }

  public BundleManifest {
    reason = Lines.one(reason, LONGEST_TEXT);
    incident = Lines.one(incident, LONGEST_TEXT);
    parts = List.copyOf(parts);
    missing = List.copyOf(missing);
    if (!isId(id)) {
      throw JsonMistake.refused("id", Shown.quoted(id), "1 to 64 small letters, digits and dashes");
    }
    if (parts.size() > MOST_PARTS || missing.size() > MOST_PARTS) {
      throw new JsonMistake(
          "parts: %d, and %d missing, are refused; allowed are %d of each at most"
              .formatted(parts.size(), missing.size(), MOST_PARTS));
    }
  }

  /** Whether this can be the id of a bundle. */
  public static boolean isId(String text) {
    return text.matches("[a-z0-9][a-z0-9-]{0,63}");
  }

  static BundleManifest of(String path, JsonNode tree) {
    Fields fields = Fields.of(path, tree, FIELDS);
    return new BundleManifest(
        fields.plainText("id"),
        fields.plainText("node"),
        fields.whole("at_ms"),
        fields.plainText("reason"),
        fields.plainText("incident"),
        fields.objects("parts", PART).stream()
            .map(part ->
                new Part(
                    part.plainText("name"),
                    part.whole("bytes"),
                    part.plainText("sha256"),
                    part.flag("simulated")))
            .toList(),
        fields.objects("missing", MISSING).stream()
            .map(gap -> new Missing(gap.plainText("name"), gap.plainText("why")))
            .toList());
  }

  /**
   * @throws JsonMistake for what is no manifest
   */
  public static BundleManifest of(byte[] text) {
    return of("", Json.read("the manifest", text));
  }

  ObjectNode tree() {
    ObjectNode tree =
        Json.object()
            .put("schema_version", SCHEMA)
            .put("id", id)
            .put("node", node)
            .put("at_ms", atMs)
            .put("reason", reason)
            .put("incident", incident);
    ArrayNode list = tree.putArray("parts");
    parts.forEach(part ->
        list.addObject()
            .put("name", part.name())
            .put("bytes", part.bytes())
            .put("sha256", part.sha256())
            .put("simulated", part.simulated()));
    ArrayNode gaps = tree.putArray("missing");
    missing.forEach(gap -> gaps.addObject().put("name", gap.name()).put("why", gap.why()));
    return tree;
  }

  public byte[] json() {
    return Json.bytes(tree());
  }
}
