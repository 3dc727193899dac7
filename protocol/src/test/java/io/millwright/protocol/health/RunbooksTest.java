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

/** {@code docs/runbooks}: what to do where a rule calls something failed. */
class RunbooksTest {
  private static final Path RUNBOOKS = Path.of("..", "docs", "runbooks");
  private static final List<String> PARTS =
      List.of("## See it", "## Do", "## Over", "## False alarm?", "## Sources");

  @Test
  void eachRuleOfAFailureHasOneAndEachOneHasItsRule() throws IOException {
    List<String> wanted =
        RuleCatalogue.load().all().stream()
            .filter(rule -> rule.verdict() == Verdict.FAILED)
            .map(Rule::runbook)
            .toList();
    try (Stream<Path> pages = Files.list(RUNBOOKS)) {
      assertThat(pages.map(page -> page.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(wanted);
    }
  }

  @Test
  void eachSaysHowToSeeItWhatToDoAndWhatEndsIt() throws IOException {
    for (Rule rule : RuleCatalogue.load().all()) {
      if (rule.verdict() == Verdict.FAILED) {
        List<String> lines = Files.readAllLines(RUNBOOKS.resolve(rule.runbook()), UTF_8);
        assertThat(lines).as(rule.id()).startsWith("# " + rule.id()).containsAll(PARTS);
        assertThat(lines).as(rule.id()).hasSizeGreaterThan(20);
      }
    }
  }
}
