package io.millwright.collector.drift;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.collector.drift.DesiredSet.Wanted;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A desired set as it stands in its file, read strictly. Pure.
 *
 * <pre>{@code
 * {"schema_version": 1, "name": "2026-11",
 *  "sets": [{"sku": "NVIDIA B200", "driver": "580.95.05", "firmware": {"vbios": "97.00.9A.00.02"}},
 *           {"sku": "NVIDIA B200", "domain": "d7", "firmware": {"gsp": "580.95.05"}}],
 *  "signature": "…"}
 * }</pre>
 *
 * <p>The signature is that of Ed25519 over a line that names its purpose and the document without
 * it, its names sorted and without blanks, so that it outlives another layout of the file.
 *
 * <p><i>Failure:</i> {@link IllegalArgumentException} at the first mistake, in one sentence.
 */
public final class DesiredText {
  private static final String PURPOSE = "millwright desired firmware 1\n";
  private static final String SIGNATURE = "signature";
  private static final int SCHEMA = 1;
  private static final int MOST_SETS = 1_000;
  private static final int LONGEST = 128;
  private static final List<String> FIELDS = List.of("schema_version", "name", "sets", SIGNATURE);
  private static final List<String> SET = List.of("sku", "domain", DesiredSet.DRIVER, "firmware");
  private static final String COMPONENT = "[a-z0-9][a-z0-9_]{0,63}";

  private DesiredText() {}

  /** Reads a signed set; one whose signature is not of this key is refused. */
  public static DesiredSet read(byte[] text, PublicKey key) {
    JsonNode tree = Json.read("the desired set", text);
    Fields fields = Fields.of("", tree, FIELDS);
    verify(tree, fields.text(SIGNATURE), key);
    return set(fields);
  }

  /** The set with its signature, on one line; a set with a mistake is not signed. */
  public static byte[] sign(byte[] text, PrivateKey key) {
    JsonNode tree = Json.read("the desired set", text);
    set(Fields.of("", tree, FIELDS));
    ObjectNode signed = sorted(tree) instanceof ObjectNode object ? object : Json.object();
    signed.remove(SIGNATURE);
    try {
      Signature signature = Signature.getInstance(DriftKeys.ALGORITHM);
      signature.initSign(key);
      signature.update(signed(tree));
      signed.put(SIGNATURE, Base64.getEncoder().encodeToString(signature.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("signing the desired set failed", e);
    }
    return (Json.text(signed) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static void verify(JsonNode tree, String given, PublicKey key) {
    boolean good;
    try {
      Signature signature = Signature.getInstance(DriftKeys.ALGORITHM);
      signature.initVerify(key);
      signature.update(signed(tree));
      byte[] bytes = Base64.getDecoder().decode(given);
      good = Base64.getEncoder().encodeToString(bytes).equals(given) && signature.verify(bytes);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      good = false;
    }
    if (!good) {
      throw new JsonMistake(
          "signature: it is not that of this set by the site's key; sign it with 'millwright collector drift sign'");
    }
  }

  /** What the signature is of. */
  private static byte[] signed(JsonNode tree) {
    JsonNode all = sorted(tree);
    if (all instanceof ObjectNode object) {
      object.remove(SIGNATURE);
    }
    return (PURPOSE + Json.text(all)).getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode sorted(JsonNode tree) {
    if (tree.isObject()) {
      TreeMap<String, JsonNode> names = new TreeMap<>();
      tree.properties().forEach(one -> names.put(one.getKey(), sorted(one.getValue())));
      ObjectNode object = Json.object();
      names.forEach(object::set);
      return object;
    }
    if (tree.isArray()) {
      ArrayNode list = Json.array();
      tree.forEach(one -> list.add(sorted(one)));
      return list;
    }
    return tree;
  }

  private static DesiredSet set(Fields fields) {
    if (fields.whole("schema_version") != SCHEMA) {
      throw JsonMistake.refused(
          "schema_version", Long.toString(fields.whole("schema_version")), "1");
    }
    List<Fields> sets = fields.objects("sets", SET);
    if (sets.isEmpty() || sets.size() > MOST_SETS) {
      throw JsonMistake.refused(
          "sets", "a list of %d".formatted(sets.size()), "from 1 to %d".formatted(MOST_SETS));
    }
    List<Wanted> wanted = new ArrayList<>();
    Set<List<String>> seen = new HashSet<>();
    for (Fields one : sets) {
      String path = "sets[%d]".formatted(wanted.size());
      Wanted next = wanted(one, path);
      if (!seen.add(List.of(next.sku(), next.domain().orElse("")))) {
        throw JsonMistake.refused(
            path + ".sku", Shown.quoted(next.sku()), "each SKU once, and once for a domain");
      }
      wanted.add(next);
    }
    return new DesiredSet(bounded("name", fields.text("name")), wanted);
  }

  private static Wanted wanted(Fields one, String path) {
    TreeMap<String, String> versions = new TreeMap<>();
    Map<String, String> firmware = one.has("firmware") ? one.textMap("firmware") : Map.of();
    firmware.forEach((component, version) -> {
      if (!component.matches(COMPONENT) || component.equals(DesiredSet.DRIVER)) {
        throw JsonMistake.refused(
            path + ".firmware",
            Shown.quoted(component),
            "components as 'millwright acceptance NODE' shows them, as in vbios");
      }
      versions.put(component, bounded(path + ".firmware." + component, version));
    });
    one.optionalText(DesiredSet.DRIVER)
        .ifPresent(version -> versions.put(DesiredSet.DRIVER, bounded(path + ".driver", version)));
    if (versions.isEmpty()) {
      throw new JsonMistake(path + ": nothing is wanted; name a driver or firmware");
    }
    Optional<String> domain = one.optionalText("domain");
    domain.ifPresent(name -> bounded(path + ".domain", name));
    return new Wanted(bounded(path + ".sku", one.text("sku")), domain, versions);
  }

  private static String bounded(String field, String text) {
    if (text.isBlank()
        || text.length() > LONGEST
        || text.chars().anyMatch(Character::isISOControl)) {
      throw JsonMistake.refused(
          field,
          Shown.quoted(text),
          "1 to %d characters, none of them a control character".formatted(LONGEST));
    }
    return text;
  }
}
