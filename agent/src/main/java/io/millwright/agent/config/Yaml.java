package io.millwright.agent.config;

import java.util.List;

/** What stands in a file, each part with its place. */
sealed interface Yaml {
  Place.Line place();

  /**
   * A single value.
   *
   * @param plain whether it stands without quotes
   */
  record Scalar(String text, boolean plain, Place.Line place) implements Yaml {

    /** Whether it stands for "nothing". */
    boolean isNothing() {
      return plain && (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null"));
    }
  }

  /** A list. */
  record Sequence(List<Yaml> items, Place.Line place) implements Yaml {}

  /** Keys and their values, in the order of the file; the same key may be there twice. */
  record Mapping(List<Entry> entries, Place.Line place) implements Yaml {}

  /** Something that was reported already. */
  record Refused(Place.Line place) implements Yaml {}

  /** A key with its value. */
  record Entry(Yaml key, Yaml value) {}
}
