package io.millwright.protocol.health;

/**
 * A rule that cannot be meant. The message is one sentence with the column, what was given, and
 * what is allowed.
 */
public final class RuleException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String column;

  /**
   * @param column of the table that is wrong
   */
  public RuleException(String column, String sentence) {
    super(sentence);
    this.column = column;
  }

  static RuleException refused(String column, String given, String allowed) {
    return new RuleException(
        column, "%s: '%s' is refused; allowed is %s".formatted(column, given, allowed));
  }

  /** The column that is wrong, as in {@code held}. */
  public String column() {
    return column;
  }
}
