package io.millwright.protocol.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What other tools judge and where it is judged here: each row of {@code peers-*.tsv} names rules
 * of the catalogue, or why there is none. {@code docs/peers-coverage.md} is generated from them;
 * {@code -Dgolden.update=true} rewrites.
 */
class PeersCoverageTest {
  private static final Path TABLES =
      Path.of("src", "main", "resources", "io", "millwright", "protocol", "health");
  private static final Path PAGE = Path.of("..", "docs", "peers-coverage.md");
  private static final String NOT_BUILT = "not built: ";
  private static final int WITHOUT_DIFFERENCE = 4;
  private static final int WITH_DIFFERENCE = 5;
  private static final int SHORTEST_REASON = 20;
  private static final Pattern XID = Pattern.compile("Xid (\\d+) .*");

  private final RuleCatalogue catalogue = RuleCatalogue.load();

  /**
   * One fact.
   *
   * @param rules ids of the rules that judge it, or why none does
   */
  private record Row(String peer, String section, String fact, String rules, String difference) {
    boolean built() {
      return !rules.startsWith(NOT_BUILT);
    }

    List<String> ids() {
      return built() ? Arrays.asList(rules.split("[,;|\\s]+")) : List.of();
    }
  }

  private static List<Path> tables() throws IOException {
    try (Stream<Path> files = Files.list(TABLES)) {
      return files
          .filter(file -> file.getFileName().toString().matches("peers-[a-z]+\\.tsv"))
          .sorted()
          .toList();
    }
  }

  private static List<Row> rows() throws IOException {
    List<Path> tables = tables();
    assertThat(tables).isNotEmpty();
    return tables.stream().flatMap(PeersCoverageTest::rows).toList();
  }

  private static Stream<Row> rows(Path table) {
    return Tables.lines(table.getFileName().toString()).stream()
        .filter(line -> !line.startsWith("#") && !line.startsWith("peer\t") && !line.isBlank())
        .map(line -> row(table, line.split("\t", -1)));
  }

  private static Row row(Path table, String[] cells) {
    assertThat(cells.length)
        .as("%s: %s", table.getFileName(), Arrays.toString(cells))
        .isBetween(WITHOUT_DIFFERENCE, WITH_DIFFERENCE);
    String difference = cells.length == WITH_DIFFERENCE ? cells[4] : "";
    return new Row(cells[0], cells[1], cells[2], cells[3], difference);
  }

  @Test
  void everyFactIsJudgedOrSaysWhyNot() throws IOException {
    for (Row row : rows()) {
      assertThat(List.of(row.peer(), row.section(), row.fact(), row.rules()))
          .as("%s", row)
          .noneMatch(String::isBlank);
      assertThat(row.ids()).as("%s", row).allMatch(id -> catalogue.find(id).isPresent());
      if (!row.built()) {
        assertThat(row.rules().substring(NOT_BUILT.length()))
            .as("%s", row)
            .hasSizeGreaterThan(SHORTEST_REASON);
      }
    }
  }

  @Test
  void everyFactIsThereOnce() throws IOException {
    assertThat(rows().stream().map(row -> List.of(row.peer(), row.section(), row.fact())))
        .doesNotHaveDuplicates();
  }

  /** What is said of a code is what follows from it. */
  @Test
  void everyXidNamesTheRuleThatItsTableGivesIt() throws IOException {
    List<Row> codes = rows().stream().filter(row -> row.section().equals("xid")).toList();
    long seen = 0;
    for (Row row : codes) {
      Matcher code = XID.matcher(row.fact());
      if (code.matches()) {
        seen++;
        List<String> judged =
            catalogue.of(ErrorCode.xid(Integer.parseInt(code.group(1)))).stream()
                .map(Rule::id)
                .toList();
        assertThat(row.ids()).as("%s", row).isEqualTo(judged);
      }
    }
    assertThat(seen).isGreaterThan(50);
  }

  @Test
  void pageSaysWhatTheTablesSay() throws IOException {
    String generated = page();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(PAGE, generated);
    }
    assertThat(PAGE).hasContent(generated);
  }

  private static String page() throws IOException {
    List<Row> rows = rows();
    long built = rows.stream().filter(Row::built).count();
    StringBuilder page =
        new StringBuilder(
            """
            # What other tools judge, and where it is judged here

            Generated from `peers-*.tsv` beside `rules.tsv` by `PeersCoverageTest`; do not edit. Each row is a fact that a public tool
            judges, in our words, with the [rules](health-rules.md) that judge the same here, or with the reason why there is none.
            Of %d facts %d are judged and %d are not.
            """
                .formatted(rows.size(), built, rows.size() - built));
    Map<String, List<Row>> byPeer =
        rows.stream().collect(Collectors.groupingBy(Row::peer, TreeMap::new, Collectors.toList()));
    byPeer.forEach((peer, own) -> {
      page.append("\n## %s\n\n".formatted(peer));
      page.append("| of | fact | rules here | where the verdicts differ |\n|---|---|---|---|\n");
      own.forEach(row ->
          page.append(
              "| %s | %s | %s | %s |\n"
                  .formatted(
                      shown(row.section()),
                      shown(row.fact()),
                      rules(row),
                      shown(row.difference()))));
    });
    return page.toString();
  }

  private static String rules(Row row) {
    return row.built()
        ? row.ids().stream().map(id -> "`" + id + "`").collect(Collectors.joining(", "))
        : shown(row.rules());
  }

  private static String shown(String text) {
    return text.replace("|", "\\|");
  }
}
