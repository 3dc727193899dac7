package io.millwright.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** The program of a job. */
final class Program {
  private static final int LONGEST_STEM = 43; // a job's name has up to 48, and '-' and four digits

  private Program() {}

  /**
   * The absolute path of a program: a name without a slash is looked for as a shell would.
   *
   * @param searched value of {@code PATH}
   * @throws IllegalArgumentException where it has none; the message is one sentence
   */
  static String absolute(String given, String searched) {
    if (given.startsWith("/")) {
      return given;
    }
    if (given.isEmpty() || given.indexOf('/') >= 0) {
      throw new IllegalArgumentException(
          "CMD: '%s' is refused; allowed is an absolute path, or a name that PATH finds"
              .formatted(given));
    }
    return Arrays.stream(searched.split(":"))
        .filter(room -> room.startsWith("/"))
        .map(room -> Path.of(room, given))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .map(Path::toString)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "CMD: '%s' is not in PATH on this machine; give the absolute path that it has on the nodes"
                    .formatted(given)));
  }

  /** A job's name of the program's own and four random digits: {@code train-sh-3f9a}. */
  static String jobName(String program) {
    String base = program.substring(program.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    String stem = trimmed(base.replaceAll("[^a-z0-9]+", "-"));
    String cut = trimmed(stem.substring(0, Math.min(stem.length(), LONGEST_STEM)));
    return "%s-%s"
        .formatted(
            cut.isEmpty() ? "job" : cut,
            HexFormat.of().toHexDigits((short) ThreadLocalRandom.current().nextInt()));
  }

  private static String trimmed(String name) {
    return name.replaceAll("^-+|-+$", "");
  }
}
