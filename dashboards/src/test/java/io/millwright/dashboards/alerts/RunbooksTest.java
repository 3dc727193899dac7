package io.millwright.dashboards.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.dashboards.boards.Boards;
import io.millwright.dashboards.grafana.Board;
import io.millwright.dashboards.grafana.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An alert, its runbook and its board belong together. */
class RunbooksTest {
  private static final Path RUNBOOKS = Path.of("assets", "runbooks");

  private static Set<String> alerts() {
    return Rules.alerts().map(Alert::name).collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void eachAlertHasOneAndNoneIsLeftOver() throws IOException {
    try (Stream<Path> files = Files.list(RUNBOOKS)) {
      Set<String> found =
          files
              .map(file -> file.getFileName().toString().replace(".md", ""))
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(found).isEqualTo(alerts());
    }
  }

  /** As Prometheus reads them: {@code --web.user-assets} serves {@code assets} at {@code /user}. */
  @Test
  void eachAddressOfTheRuleFileIsThatOfAPage() throws IOException {
    Pattern address = Pattern.compile("runbook_url: '\\{\\{ \\$externalURL \\}\\}/user/([^']+)'");
    String file = Files.readString(Path.of("alerts", "millwright.rules.yml"));
    assertThat(file.split("runbook_url:", -1)).hasSize(alerts().size() + 1);
    assertThat(address.matcher(file).results().map(found -> found.group(1)))
        .hasSize(alerts().size())
        .allSatisfy(page -> assertThat(Path.of("assets").resolve(page)).isRegularFile());
  }

  @Test
  void eachSaysWhatToLookAtWhatToDoAndWhatClearsIt() throws IOException {
    for (String alert : alerts()) {
      String text = Files.readString(RUNBOOKS.resolve(alert + ".md"));
      assertThat(text).startsWith("# " + alert + "\n\n");
      assertThat(text).contains("\n## Look at\n\n", "\n## Do\n\n", "\n## Clears\n\n");
      assertThat(text.split("\n## ", -1)).allMatch(part -> part.strip().length() > 40);
    }
  }

  /** Names in italics are boards, panels or other alerts; those of alerts have to exist. */
  @Test
  void theAlertsThatTheyNameExist() throws IOException {
    Pattern named = Pattern.compile("\\*((?:Millwright|Accelerator|Node|Job)[A-Z]\\w+)\\*");
    for (String alert : alerts()) {
      String text = Files.readString(RUNBOOKS.resolve(alert + ".md"));
      assertThat(named.matcher(text).results().map(found -> found.group(1)))
          .as(alert)
          .isSubsetOf(alerts());
    }
  }

  /** Panels that they name exist, too. */
  @Test
  void thePanelsThatTheyNameExist() throws IOException {
    Set<String> titles =
        Boards.ALL.stream()
            .flatMap(board ->
                Stream.concat(
                    Stream.of(board.id().title()),
                    board.rows().stream()
                        .flatMap(row ->
                            Stream.concat(
                                Stream.of(row.title()),
                                row.panels().stream().map(panel -> panel.title())))))
            .collect(Collectors.toSet());
    Pattern named = Pattern.compile("\\*([A-Z][^*\n]+)\\*");
    for (String alert : alerts()) {
      String text = Files.readString(RUNBOOKS.resolve(alert + ".md"));
      assertThat(
              named
                  .matcher(text)
                  .results()
                  .map(found -> found.group(1))
                  .filter(name -> !alerts().contains(name))
                  .filter(name -> !name.startsWith("Status / ")) // pages of Prometheus
                  .map(name -> name.replaceFirst("^Fleet / ", "")))
          .as(alert)
          .isSubsetOf(titles);
    }
  }

  @Test
  void aThresholdOfAPanelIsThatOfAnAlert() {
    assertThat(Boards.ALL.stream().flatMap(Board::panels).flatMap(panel -> panel.steps().stream()))
        .isNotEmpty()
        .extracting(Step::alert)
        .isSubsetOf(alerts());
  }

  @Test
  void namesBeginWithTheirSubject() {
    assertThat(alerts())
        .allMatch(name -> name.matches("(Millwright|Accelerator|Node|Job)[A-Za-z]+"));
  }
}
