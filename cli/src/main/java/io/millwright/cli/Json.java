package io.millwright.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Text to tree, tree to view. A field that a newer collector adds is no error. */
final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  /** Jackson escapes the control characters below a blank, and not these. */
  private static final Pattern UPPER_CONTROL = Pattern.compile("[\\x7f-\\x9f]");

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static JsonNode read(byte[] text) throws IOException {
    return MAPPER.readTree(text);
  }

  /** The view of a tree; empty where it has no fields, and fails where it lacks one. */
  static <T> Optional<T> view(JsonNode tree, Class<T> type) throws JsonProcessingException {
    return tree.isObject() ? Optional.of(MAPPER.treeToValue(tree, type)) : Optional.empty();
  }

  /** For reading, without a control character. */
  static String pretty(JsonNode tree) {
    return tame(tree.toPrettyString());
  }

  /** The same on one line. */
  static String line(JsonNode tree) {
    return tame(tree.toString());
  }

  static JsonNode list(List<JsonNode> trees) {
    return JsonNodeFactory.instance.arrayNode().addAll(trees);
  }

  private static String tame(String text) {
    return UPPER_CONTROL
        .matcher(text)
        .replaceAll(match -> "\\\\u%04x".formatted((int) match.group().charAt(0)));
  }
}
