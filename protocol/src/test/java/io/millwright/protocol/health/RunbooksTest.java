package io.millwright.protocol.health;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.health.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/runbooks}: what to do where a rule calls something failed. The head of each page and
 * the list of all are generated from the rules; {@code -Dgolden.update=true} rewrites those, and
 * nothing that people wrote.
 */
class RunbooksTest {
  private static final Path RUNBOOKS = Path.of("..", "docs", "runbooks");
  private static final String INDEX = "README.md";
  private static final List<String> PARTS =
      List.of("## See it", "## Do", "## Over", "## False alarm?", "## Sources");
  private static final String BEGIN =
      "<!-- from rules.tsv by RunbooksTest; what is between these marks is not edited -->\n";
  private static final String END = "<!-- what follows is written by people -->\n";

  private final RuleCatalogue catalogue = RuleCatalogue.load();
  private final List<Rule> failing =
      catalogue.all().stream().filter(rule -> rule.verdict() == Verdict.FAILED).toList();

  @Test
  void eachRuleOfAFailureHasOneAndEachOneHasItsRule() throws IOException {
    try (Stream<Path> pages = Files.list(RUNBOOKS)) {
      assertThat(
              pages.map(page -> page.getFileName().toString()).filter(name -> !name.equals(INDEX)))
          .containsExactlyInAnyOrderElementsOf(failing.stream().map(Rule::runbook).toList());
    }
    assertThat(failing)
        .isNotEmpty()
        .allSatisfy(rule -> assertThat(catalogue.runbook(rule.id())).contains(rule.runbook()));
    assertThat(catalogue.runbook("xid-remap")).as("which is degraded").isEmpty();
    assertThat(catalogue.runbook("site-own")).isEmpty();
  }

  @Test
  void eachSaysHowToSeeItWhatToDoAndWhatEndsIt() throws IOException {
    for (Rule rule : failing) {
      List<String> lines = Files.readAllLines(RUNBOOKS.resolve(rule.runbook()), UTF_8);
      assertThat(lines).as(rule.id()).startsWith("# " + rule.id()).containsAll(PARTS);
      assertThat(lines).as(rule.id()).hasSizeGreaterThan(20);
    }
  }

  @Test
  void eachBeginsWithWhatTheRuleSays() throws IOException {
    for (Rule rule : failing) {
      Path page = RUNBOOKS.resolve(rule.runbook());
      String found = Files.readString(page);
      String wanted = head(rule) + "\n" + written(rule, found);
      if (Boolean.getBoolean("golden.update")) {
        Files.writeString(page, wanted);
      }
      assertThat(page).hasContent(wanted);
    }
  }

  @Test
  void theListNamesThemAll() throws IOException {
    Path page = RUNBOOKS.resolve(INDEX);
    String wanted = index();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(page, wanted);
    }
    assertThat(page).hasContent(wanted);
  }

  /** What people wrote: behind the head, or behind the title where there is no head yet. */
  private static String written(Rule rule, String page) {
    String before = page.contains(END) ? END : "# " + rule.id() + "\n";
    assertThat(page).as(rule.id()).contains(before);
    return page.substring(page.indexOf(before) + before.length()).stripLeading();
  }

  private String head(Rule rule) {
    RuleRow row = catalogue.row(rule.id()).orElseThrow();
    return "# "
        + rule.id()
        + "\n\n"
        + BEGIN
        + "\n"
        + "- Rule: `%s` version %d; check `%s`; %s\n"
            .formatted(rule.id(), rule.version(), rule.check(), rule.meaning())
        + "- Source: %s. When: `%s`, %s\n"
            .formatted(
                rule.source(),
                row.cell("when"),
                rule.held().isZero() ? "at once" : "for " + row.cell("held"))
        + "- Verdict: %s (%s)\n".formatted(rule.verdict().word(), rule.severity())
        + "- Advice: %s, of the %s\n".formatted(rule.advice().word(), rule.scope().word())
        + "- Clears: %s\n".formatted(rule.endsInWords())
        + "- Reference: %s\n".formatted(rule.reference())
        + "\n"
        + END;
  }

  private String index() {
    StringBuilder page =
        new StringBuilder(
            """
            # Runbooks

            Generated from `rules.tsv` by `RunbooksTest`; do not edit. What to do where a rule calls something failed, one page a
            rule. `millwright node N`, `incidents ID` and the web page name the page beside each such rule; the collector serves
            it at `/runbooks/RULE.md`. All rules: [health-rules.md](../health-rules.md).

            | rule | advice | what it means |
            |---|---|---|
            """);
    for (Rule rule : failing) {
      page.append(
          "| [%s](%s) | %s, of the %s | %s |\n"
              .formatted(
                  rule.id(),
                  rule.runbook(),
                  rule.advice().word(),
                  rule.scope().word(),
                  rule.meaning()));
    }
    return page.toString();
  }
}
