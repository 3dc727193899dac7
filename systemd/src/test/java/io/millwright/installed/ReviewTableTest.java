package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The table of the review's experiments in docs/reliability.md: all are in it, and the tests are.
 */
class ReviewTableTest {
  private static final Path TABLE = Checkout.SYSTEMD.resolveSibling("docs/reliability.md");
  private static final Pattern ROW = Pattern.compile("\\| T(\\d+) \\|.*");
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)#(\\w+)`");

  private static List<String> rows() throws IOException {
    return Files.readAllLines(TABLE).stream().filter(line -> ROW.matcher(line).matches()).toList();
  }

  @Test
  void eachExperimentHasItsRow() throws IOException {
    List<String> numbers =
        rows().stream().map(row -> ROW.matcher(row).replaceFirst("T$1")).toList();
    assertThat(numbers)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 24).mapToObj(n -> "T" + n).toList());
  }

  @Test
  void eachTestThatARowNamesIsThere() throws IOException {
    for (String row : rows()) {
      Matcher named = TEST.matcher(row);
      int found = 0;
      while (named.find()) {
        found++;
        assertThat(source(named.group(1)))
            .as(row)
            .containsPattern("@Test\\s+void " + named.group(2) + "\\(");
      }
      assertThat(found).as("tests of: " + row).isPositive();
    }
  }

  private static String source(String test) throws IOException {
    for (String module : List.of("systemd", "agent")) {
      try (Stream<Path> files =
          Files.walk(Checkout.SYSTEMD.resolveSibling(module).resolve("src/test/java"))) {
        List<Path> found = files.filter(file -> file.endsWith(test + ".java")).toList();
        if (!found.isEmpty()) {
          return Files.readString(found.getFirst());
        }
      }
    }
    throw new AssertionError("there is no " + test);
  }
}
