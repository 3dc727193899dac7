package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The tables of the review's experiments and of the design's layers in docs/reliability.md: all
 * experiments are in it, and the tests that a row names are there.
 */
class ReviewTableTest {
  private static final Path TABLE = Checkout.SYSTEMD.resolveSibling("docs/reliability.md");
  private static final Pattern ROW = Pattern.compile("\\| T(\\d+) \\|.*");
  private static final Pattern LAYER = Pattern.compile("\\| (L[1-5]) \\|.*");
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)#(\\w+)`");

  private static List<String> rows(Pattern form) throws IOException {
    return Files.readAllLines(TABLE).stream().filter(line -> form.matcher(line).matches()).toList();
  }

  @Test
  void eachExperimentHasItsRow() throws IOException {
    List<String> numbers =
        rows(ROW).stream().map(row -> ROW.matcher(row).replaceFirst("T$1")).toList();
    assertThat(numbers)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 24).mapToObj(n -> "T" + n).toList());
  }

  @Test
  void eachTestThatARowNamesIsThere() throws IOException {
    List<String> rows = new ArrayList<>(rows(ROW));
    rows.addAll(rows(LAYER));
    for (String row : rows) {
      Matcher named = TEST.matcher(row);
      int found = 0;
      while (named.find()) {
        found++;
        assertThat(source(named.group(1)))
            .as(row)
            .containsPattern(
                "@(Parameterized)?Test\\s+(@\\w+(\\([^()]*\\))?\\s+)*void "
                    + named.group(2)
                    + "\\(");
      }
      assertThat(found).as("tests of: " + row).isPositive();
    }
  }

  @Test
  void eachLayerHasRowsAndThoseThatNeedQemuSayThatTheyAreLong() throws IOException {
    List<String> rows = rows(LAYER);
    assertThat(rows.stream().map(row -> LAYER.matcher(row).replaceFirst("$1")).distinct())
        .containsExactly("L1", "L2", "L3", "L4", "L5");
    assertThat(rows).filteredOn(row -> row.contains("JobLimitsTest#")).hasSizeGreaterThan(5);
    assertThat(rows)
        .filteredOn(row -> row.contains("JobLimitsTest#"))
        .allMatch(row -> row.contains("(long)"));
  }

  private static String source(String test) throws IOException {
    for (String module : List.of("systemd", "agent", "simulator")) {
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
