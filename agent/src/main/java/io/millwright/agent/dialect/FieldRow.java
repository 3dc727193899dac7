package io.millwright.agent.dialect;

/**
 * One row of the table of fields.
 *
 * @param kind {@code gauge}, {@code counter} or {@code label}
 * @param classic how releases to 4.8 have it
 * @param newer how release 4.9 has it
 * @param guessed whether its name in 4.9 was never seen
 */
record FieldRow(
    String kind, Written classic, Written newer, boolean guessed, Source source, String meaning) {

  /**
   * A field in one dialect.
   *
   * @param factor what our value is multiplied by to be in the unit
   */
  record Written(String name, String unit, double factor, NumberForm form) {
    Written named(String other) {
      return new Written(other, unit, factor, form);
    }
  }

  Field in(Written spelling) {
    return new Field(
        spelling.name(),
        kind,
        meaning + " (" + spelling.unit() + ")",
        source,
        spelling.factor(),
        spelling.form());
  }
}
