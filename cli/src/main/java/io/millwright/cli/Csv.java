package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * RFC 4180, with a line of names: records end in CRLF, a list is one field with blanks between, an
 * object in a list is its JSON, and no number has an exponent.
 */
final class Csv {
  private final List<String> fields;
  private final UnaryOperator<String> shown;

  /**
   * @param fields names in the JSON
   * @param shown applied to what comes from elsewhere
   */
  Csv(List<String> fields, UnaryOperator<String> shown) {
    this.fields = List.copyOf(fields);
    this.shown = shown;
  }

  String text(Iterable<JsonNode> rows) {
    StringBuilder text = new StringBuilder(record(fields));
    for (JsonNode row : rows) {
      text.append(record(fields.stream().map(field -> value(row.path(field))).toList()));
    }
    return text.toString();
  }

  private String value(JsonNode value) {
    if (value.isNull()) {
      return "";
    }
    if (value.isNumber() && Double.isFinite(value.doubleValue())) {
      return value.decimalValue().toPlainString();
    }
    if (value.isObject()) {
      return shown.apply(value.toString());
    }
    if (!value.isArray()) {
      return shown.apply(value.asText());
    }
    List<String> parts = new ArrayList<>();
    value.forEach(
        part -> parts.add(shown.apply(part.isObject() ? part.toString() : part.asText())));
    return String.join(" ", parts);
  }

  private static String record(List<String> values) {
    return values.stream().map(Csv::quoted).collect(Collectors.joining(",", "", "\r\n"));
  }

  private static String quoted(String value) {
    return value.chars().anyMatch(c -> c == '"' || c == ',' || c == '\r' || c == '\n')
        ? '"' + value.replace("\"", "\"\"") + '"'
        : value;
  }
}
