package io.millwright.protocol.tls;

import java.util.regex.Pattern;

/** What may stand in a certificate as a name, and the sentence about what may not. */
public final class Names {
  private static final Pattern SITE = Pattern.compile("[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern NODE =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?");
  private static final Pattern OPERATOR =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?");
  private static final int SHOWN = 60;

  private Names() {}

  /** The name of a site; an {@link IllegalArgumentException} with one sentence where it is none. */
  public static String site(String given) {
    return matching(
        "site",
        given,
        SITE,
        "1 to 63 of a-z, 0-9 and '-', beginning with a letter, ending with a letter or digit");
  }

  /** The name of a node, as in {@code node.name} of the agent's configuration. */
  public static String node(String given) {
    return matching("node", given, NODE, alphabet(253, "dots, dashes and underscores"));
  }

  /** The name of a collector. */
  public static String collector(String given) {
    return matching("collector", given, NODE, alphabet(253, "dots, dashes and underscores"));
  }

  /** The name of a person or of a program that acts as an operator. */
  public static String operator(String given) {
    return matching("operator", given, OPERATOR, alphabet(64, "dots, dashes, underscores and '@'"));
  }

  static String matching(String field, String given, Pattern pattern, String allowed) {
    if (!pattern.matcher(given).matches()) {
      throw new IllegalArgumentException(
          "%s: '%s' is refused; allowed is %s".formatted(field, shown(given), allowed));
    }
    return given;
  }

  /** A text from outside, printable and short. */
  static String shown(String given) {
    return printable(given.length() > SHOWN ? given.substring(0, SHOWN) + "…" : given);
  }

  /** The text with a question mark for each character that cannot be seen. */
  static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]", "?");
  }

  private static String alphabet(int longest, String more) {
    return "1 to %d letters, digits, %s that begin and end with a letter or digit"
        .formatted(longest, more);
  }
}
