package io.millwright.benchmarks;

import java.util.Locale;

/** One line of JSON, of names and numbers and plain words. */
final class Line {
  private final StringBuilder text = new StringBuilder("{");

  static Line of(String what) {
    return new Line().add("what", what);
  }

  Line add(String name, String word) {
    return raw(name, '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
  }

  Line add(String name, long number) {
    return raw(name, Long.toString(number));
  }

  Line add(String name, double number) {
    return raw(name, String.format(Locale.ROOT, "%.3f", number));
  }

  private Line raw(String name, String value) {
    text.append(text.length() > 1 ? "," : "").append('"').append(name).append("\":").append(value);
    return this;
  }

  @Override
  public String toString() {
    return text + "}";
  }
}
