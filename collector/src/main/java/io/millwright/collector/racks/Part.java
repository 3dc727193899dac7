package io.millwright.collector.racks;

import java.util.Locale;

/**
 * A thing that several nodes share, and that can fail for all of them.
 *
 * @param name as the site calls it
 */
public record Part(Kind kind, String name) implements Comparable<Part> {

  /** What it is; of two that explain the same, the first is taken. */
  public enum Kind {
    SWITCH,
    FEED,
    COOLING,
    DOMAIN,
    RACK;

    /** The column of the rack map, and the word in sentences. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** As in {@code switch leaf-12}. */
  public String text() {
    return kind.word() + " " + name;
  }

  @Override
  public int compareTo(Part other) {
    int byKind = kind.compareTo(other.kind);
    return byKind != 0 ? byKind : name.compareTo(other.name);
  }
}
