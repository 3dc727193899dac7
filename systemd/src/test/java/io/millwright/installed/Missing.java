package io.millwright.installed;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/**
 * What comes of a test whose surroundings this machine does not give: it is skipped and says so,
 * but within {@code ./millwright test --long} it fails, for that is to leave nothing out.
 */
public final class Missing {
  private Missing() {}

  /**
   * Ends the test that asks.
   *
   * @param what one sentence: what is missing, and what gives it
   */
  public static void because(String what) {
    because(what, System.getProperty("long", "").equals("yes"));
  }

  static void because(String what, boolean all) {
    if (all) {
      fail("./millwright test --long skips nothing: " + what);
    }
    System.out.println("SKIPPED: " + what);
    abort(what);
  }
}
