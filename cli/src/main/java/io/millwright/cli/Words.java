package io.millwright.cli;

import io.millwright.protocol.vocabulary.Spelling;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/** Choices as words of the command line. */
final class Words {
  private Words() {}

  /** The choice that was written. */
  static <E extends Enum<E>> E read(String given, E[] choices) {
    List<String> words =
        Arrays.stream(choices).map(choice -> choice.name().toLowerCase(Locale.ROOT)).toList();
    int place = words.indexOf(given);
    if (place < 0) {
      throw new TypeConversionException(
          "'%s' is refused; allowed is %s%s"
              .formatted(given, String.join(", ", words), meant(given, words)));
    }
    return choices[place];
  }

  /** The end of a sentence about a word that is not known; empty where none is near. */
  static String meant(String given, List<String> words) {
    return Spelling.nearest(given, words).map(word -> "; did you mean " + word + "?").orElse("");
  }
}
