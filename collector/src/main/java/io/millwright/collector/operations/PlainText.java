package io.millwright.collector.operations;

import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;

/** What people give as a reason, an owner, a ticket: one line that can be shown anywhere. */
public final class PlainText {
  /** Characters of it. */
  public static final int LONGEST = 256;

  private PlainText() {}

  /**
   * Lets one line pass.
   *
   * @throws JsonMistake where it is blank, too long, or has control characters
   */
  public static void require(String field, String text) {
    if (text.isBlank()
        || text.length() > LONGEST
        || text.chars().anyMatch(Character::isISOControl)) {
      throw JsonMistake.refused(
          field,
          Shown.quoted(text),
          "1 to %d characters, none of them a control character".formatted(LONGEST));
    }
  }
}
