package io.millwright.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The word that a collector knows somebody by. It comes from files only and is never shown. */
final class Token {
  private static final Pattern FORM = Pattern.compile("[\\x21-\\x7e]{1,4096}");

  private Token() {}

  static boolean usable(String text) {
    return FORM.matcher(text).matches();
  }

  /** The one word of this file. */
  static String read(Path file) {
    String text;
    try {
      text = Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      throw new SetUpException("the token file %s is not there".formatted(file), e);
    } catch (IOException e) {
      throw new SetUpException(
          "the token file %s cannot be read: its user must be you, and it must be text"
              .formatted(file),
          e);
    }
    if (!usable(text)) {
      throw new SetUpException(
          "the token file %s has no token: allowed is one word and nothing else".formatted(file));
    }
    return text;
  }
}
