package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.vocabulary.Spelling;
import io.millwright.protocol.vocabulary.WholeCharacters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The fields of one JSON object, read strictly: no field that is not known, no value of another
 * type, no number that was rounded. A field that is {@code null} counts as left out.
 */
public final class Fields {
  private final String path;
  private final JsonNode object;

  private Fields(String path, JsonNode object) {
    this.path = path;
    this.object = object;
  }

  /**
   * The fields of this value.
   *
   * @param path for sentences; empty at the top
   * @param known all names that are allowed
   */
  public static Fields of(String path, JsonNode value, List<String> known) {
    Fields fields = open(path, value);
    value.fieldNames().forEachRemaining(name -> fields.refuseUnknown(name, known));
    return fields;
  }

  /** The fields of this value, of which more may be there than are known. */
  public static Fields open(String path, JsonNode value) {
    if (!value.isObject()) {
      throw JsonMistake.refused(path.isEmpty() ? "the text" : path, given(value), "a JSON object");
    }
    return new Fields(path, value);
  }

  private void refuseUnknown(String name, List<String> known) {
    if (known.contains(name)) {
      return;
    }
    String nearest =
        Spelling.nearest(name, known).map("; did you mean '%s'?"::formatted).orElse("");
    throw new JsonMistake(
        "%s: no such field%s%s"
            .formatted(
                Shown.text(at(name)),
                nearest,
                nearest.isEmpty() ? "; allowed are " + String.join(", ", known) : ""));
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  public boolean has(String name) {
    return object.hasNonNull(name);
  }

  private JsonNode value(String name, String allowed) {
    if (!has(name)) {
      throw new JsonMistake("%s: missing; allowed is %s".formatted(at(name), allowed));
    }
    return object.get(name);
  }

  /** The value of a field that is itself an object. */
  public JsonNode tree(String name) {
    return value(name, "a JSON object");
  }

  public Fields object(String name, List<String> known) {
    return of(at(name), tree(name), known);
  }

  /** The objects of a list. */
  public List<Fields> objects(String name, List<String> known) {
    List<Fields> all = new ArrayList<>();
    for (JsonNode element : list(name)) {
      all.add(of("%s[%d]".formatted(at(name), all.size()), element, known));
    }
    return all;
  }

  /** The objects of a list, each of which may have fields that are not known. */
  public List<Fields> openObjects(String name) {
    List<Fields> all = new ArrayList<>();
    for (JsonNode element : list(name)) {
      all.add(open("%s[%d]".formatted(at(name), all.size()), element));
    }
    return all;
  }

  private JsonNode list(String name) {
    JsonNode list = value(name, "a list");
    if (!list.isArray()) {
      throw JsonMistake.refused(at(name), given(list), "a list");
    }
    return list;
  }

  public String text(String name) {
    return text(at(name), value(name, "a text"));
  }

  public Optional<String> optionalText(String name) {
    return has(name) ? Optional.of(text(name)) : Optional.empty();
  }

  public List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (JsonNode element : list(name)) {
      texts.add(text("%s[%d]".formatted(at(name), texts.size()), element));
    }
    return texts;
  }

  /** An object whose names are free and whose values are texts. */
  public Map<String, String> textMap(String name) {
    JsonNode map = tree(name);
    if (!map.isObject()) {
      throw JsonMistake.refused(at(name), given(map), "a JSON object of texts");
    }
    Map<String, String> texts = new LinkedHashMap<>();
    map.properties()
        .forEach(e -> texts.put(e.getKey(), text(at(name) + "." + e.getKey(), e.getValue())));
    return texts;
  }

  private static String text(String at, JsonNode value) {
    if (!value.isTextual()) {
      throw JsonMistake.refused(at, given(value), "a text");
    }
    if (!WholeCharacters.in(value.textValue())) {
      throw JsonMistake.refused(at, given(value), "a text of whole characters");
    }
    return value.textValue();
  }

  public boolean flag(String name) {
    JsonNode value = value(name, "true or false");
    if (!value.isBoolean()) {
      throw JsonMistake.refused(at(name), given(value), "true or false");
    }
    return value.booleanValue();
  }

  /** A text that may be shown on a terminal. */
  public String plainText(String name) {
    String text = text(name);
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw JsonMistake.refused(at(name), Shown.quoted(text), "a text without control characters");
    }
    return text;
  }

  public int wholeInt(String name) {
    long whole = whole(name);
    if (whole != (int) whole) {
      throw JsonMistake.refused(
          at(name),
          Long.toString(whole),
          "a whole number from %d to %d".formatted(Integer.MIN_VALUE, Integer.MAX_VALUE));
    }
    return (int) whole;
  }

  public OptionalInt optionalInt(String name) {
    return has(name) ? OptionalInt.of(wholeInt(name)) : OptionalInt.empty();
  }

  public long whole(String name) {
    JsonNode value = value(name, "a whole number");
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw JsonMistake.refused(at(name), given(value), "a whole number");
    }
    return value.longValue();
  }

  public OptionalLong optionalLong(String name) {
    return has(name) ? OptionalLong.of(whole(name)) : OptionalLong.empty();
  }

  public double number(String name) {
    JsonNode value = value(name, "a number");
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw JsonMistake.refused(at(name), given(value), "a number");
    }
    return value.doubleValue();
  }

  public OptionalDouble optionalNumber(String name) {
    return has(name) ? OptionalDouble.of(number(name)) : OptionalDouble.empty();
  }

  /** The value of which this is the word. */
  public <T> T word(String name, Function<String, Optional<T>> meaning, String allowed) {
    String word = text(name);
    return meaning
        .apply(word)
        .orElseThrow(() -> JsonMistake.refused(at(name), Shown.quoted(word), allowed));
  }

  private static String given(JsonNode value) {
    if (value.isTextual()) {
      return Shown.quoted(value.textValue());
    }
    if (value.isContainerNode()) {
      return value.isArray() ? "a list" : "an object";
    }
    return value.isMissingNode() ? "nothing" : Shown.text(value.asText());
  }
}
