package io.millwright.protocol.vocabulary;

/** Base units of exposition: seconds, bytes, joules, celsius, ratios of 0 to 1. */
public enum Unit {
  NONE("-"),
  ONE("1"),
  BOOL("bool"),
  BYTES("bytes"),
  BYTES_PER_SECOND("bytes_per_second"),
  CELSIUS("celsius"),
  HERTZ("hertz"),
  JOULES("joules"),
  LANES("lanes"),
  RATIO("ratio"),
  RPM("rpm"),
  SECONDS("seconds"),
  WATTS("watts");

  private final String word;

  Unit(String word) {
    this.word = word;
  }

  /** The word of the catalogue. */
  public String word() {
    return word;
  }

  /** Whether the unit is part of the family's name and stands in {@code # UNIT}. */
  public boolean named() {
    return this != NONE && this != ONE && this != BOOL;
  }
}
