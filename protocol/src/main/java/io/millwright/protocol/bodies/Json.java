package io.millwright.protocol.bodies;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text to tree and back. Each field once, one value, nothing after it. */
public final class Json {
  private static final int DEEPEST = 16;

  /**
   * Names are not kept for the next text: thousands of long ones from outside would fill the heap.
   */
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  public static byte[] bytes(JsonNode tree) {
    return text(tree).getBytes(StandardCharsets.UTF_8);
  }

  public static String text(JsonNode tree) {
    return tree.toString();
  }

  /**
   * The tree of a text, or the sentence that says where it stops being JSON.
   *
   * @param what it should be, as in {@code the job}
   */
  public static JsonNode read(String what, byte[] text) {
    try {
      return MAPPER.readTree(utf8(what, text));
    } catch (JsonEOFException e) {
      throw new JsonMistake(
          "%s: the text ends too early, %s; allowed is one JSON object"
              .formatted(what, place(e.getLocation())),
          e);
    } catch (JsonProcessingException e) {
      throw new JsonMistake(
          "%s: not JSON %s (%s); allowed is one JSON object with each field once"
              .formatted(what, place(e.getLocation()), Shown.text(e.getOriginalMessage())),
          e);
    }
  }

  /** Given bytes, the parser would guess UTF-16 and UTF-32 as well. */
  private static String utf8(String what, byte[] text) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
    } catch (CharacterCodingException e) {
      throw new JsonMistake(what + ": not UTF-8; allowed is one JSON object in UTF-8", e);
    }
  }

  @SuppressWarnings("NullAway") // an exception without a location has null
  private static String place(JsonLocation location) {
    return location == null
        ? "somewhere"
        : "at line %d, column %d".formatted(location.getLineNr(), location.getColumnNr());
  }
}
