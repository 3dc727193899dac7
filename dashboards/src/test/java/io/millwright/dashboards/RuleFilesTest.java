package io.millwright.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.dashboards.promql.Scrapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committed rules and configurations before Prometheus's own judge. */
class RuleFilesTest {
  private static final Path RULES = Path.of("alerts", "millwright.rules.yml");
  private static final Path TRIALS = Path.of("alerts", "millwright.test.yml");

  private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)\n +expr: .*\n");
  private static final Pattern FAILED = Pattern.compile("name: (\\w+),");

  @TempDir private Path directory;

  @Test
  void theRulesHaveNothingThatLintRefuses() throws Exception {
    Promtool.Said said =
        Promtool.orSkip().run("check", "rules", "--lint=all", "--lint-fatal", RULES.toString());
    assertThat(said.exit()).as(said.text()).isZero();
  }

  /** Each alert fires, leaves its neighbour alone, and clears. */
  @Test
  void everyTrialEndsAsItSays() throws Exception {
    Promtool.Said said = Promtool.orSkip().run("test", "rules", TRIALS.toString());
    assertThat(said.text()).contains("SUCCESS");
    assertThat(said.exit()).isZero();
  }

  /** A trial that passes whatever the rule says proves nothing. */
  @Test
  void noTrialPassesWithoutItsAlert() throws Exception {
    Promtool promtool = Promtool.orSkip();
    String rules = Files.readString(RULES);
    List<String> alerts = ALERT.matcher(rules).results().map(found -> found.group(1)).toList();
    assertThat(alerts).hasSizeGreaterThan(20);
    String silent = ALERT.matcher(rules).replaceAll("- alert: $1\n        expr: 'vector(0) > 1'\n");
    Promtool.Said said = trials(promtool, silent);
    assertThat(failed(said.text())).containsAll(alerts);
    assertThat(said.exit()).isNotZero();
  }

  /** Nor one that passes where the condition is left out, and all series count. */
  @Test
  void noTrialPassesWithoutTheConditionOfItsAlert() throws Exception {
    Promtool promtool = Promtool.orSkip();
    String rules = Files.readString(RULES);
    Pattern condition = Pattern.compile("(- alert: (\\w+)\n +expr: '.*) (?:==|<|>) [0-9.]+'\n");
    List<String> alerts = condition.matcher(rules).results().map(found -> found.group(2)).toList();
    assertThat(alerts).hasSizeGreaterThan(15);
    Promtool.Said said = trials(promtool, condition.matcher(rules).replaceAll("$1 > -1e18'\n"));
    assertThat(failed(said.text())).containsAll(alerts);
    assertThat(said.exit()).isNotZero();
  }

  private static Set<String> failed(String said) {
    return FAILED.matcher(said).results().map(found -> found.group(1)).collect(Collectors.toSet());
  }

  private Promtool.Said trials(Promtool promtool, String rules)
      throws IOException, InterruptedException {
    Files.writeString(directory.resolve(RULES.getFileName()), rules);
    Path trials = directory.resolve(TRIALS.getFileName());
    Files.copy(TRIALS, trials, StandardCopyOption.REPLACE_EXISTING);
    return promtool.run("test", "rules", trials.toString());
  }

  /** It names files that a site has, here beside a copy. */
  @Test
  void theExampleConfigurationIsWhole() throws Exception {
    Promtool promtool = Promtool.orSkip();
    Path config = directory.resolve("prometheus.yml");
    Files.copy(Path.of("prometheus.yml"), config);
    Files.writeString(directory.resolve("millwright.token"), "a-token");
    Files.createDirectory(directory.resolve("alerts"));
    Files.copy(RULES, directory.resolve(RULES));
    Promtool.Said said = promtool.run("check", "config", config.toString());
    assertThat(said.exit()).as(said.text()).isZero();
    assertThat(said.text()).contains("1 rule files found");
  }

  /** Rules and boards know the scrape jobs by their names. */
  @Test
  void theExampleConfigurationHasTheJobsThatTheRulesName() throws IOException {
    assertThat(Files.readString(Path.of("prometheus.yml")))
        .contains(
            "job_name: " + Scrapes.NODES + "\n",
            "job_name: " + Scrapes.COLLECTOR + "\n",
            "job_name: " + Scrapes.JOBS + "\n",
            "job_name: " + Scrapes.AGENTS + "\n");
  }
}
