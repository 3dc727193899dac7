package io.millwright.collector.jobs;

import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.vocabulary.WholeCharacters;
import java.util.regex.Pattern;

/** Texts from outside that the book keeps, or makes keys of. */
final class Texts {
  private static final Pattern NODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,252}");
  private static final Pattern JOURNAL = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern SURROGATE = Pattern.compile("[\\x{D800}-\\x{DFFF}]");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private Texts() {}

  static void node(String name) {
    if (!NODE.matcher(name).matches()) {
      throw JsonMistake.refused(
          "node", Shown.quoted(name), "1 to 253 letters, digits, '.', '_' and '-'");
    }
  }

  static void journal(String id) {
    if (!JOURNAL.matcher(id).matches()) {
      throw JsonMistake.refused("journal", Shown.quoted(id), "1 to 64 letters, digits and '-'");
    }
  }

  /** What can be kept of a text: nothing of it is refused. */
  static String cut(String text, int longest) {
    String plain = CONTROL.matcher(text).replaceAll(" ");
    if (!WholeCharacters.in(plain)) {
      plain = SURROGATE.matcher(plain).replaceAll("?");
    }
    if (plain.length() <= longest) {
      return plain;
    }
    boolean halved = Character.isHighSurrogate(plain.charAt(longest - 1));
    return plain.substring(0, halved ? longest - 1 : longest);
  }

  static void bounded(String field, String text, int longest) {
    if (text.length() > longest || CONTROL.matcher(text).find() || !WholeCharacters.in(text)) {
      throw JsonMistake.refused(
          field,
          Shown.quoted(text),
          "up to %d characters, none of them a control character".formatted(longest));
    }
  }
}
