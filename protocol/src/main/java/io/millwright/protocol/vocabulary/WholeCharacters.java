package io.millwright.protocol.vocabulary;

/** Whether a text can be written as UTF-8. Pure. */
public final class WholeCharacters {
  private WholeCharacters() {}

  /**
   * Whether each surrogate has its other half (The Unicode Standard, section 3.8): half of one is
   * no character, and has no bytes in UTF-8.
   */
  public static boolean in(String text) {
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (Character.isSurrogate(unit)) {
        i++;
        if (i == text.length() || !Character.isSurrogatePair(unit, text.charAt(i))) {
          return false;
        }
      }
    }
    return true;
  }
}
