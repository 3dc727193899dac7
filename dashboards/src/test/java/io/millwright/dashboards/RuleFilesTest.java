package io.millwright.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.dashboards.promql.Scrapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The committed rules and configurations before Prometheus's own judge. */
class RuleFilesTest {
  private static final Path RULES = Path.of("alerts", "millwright.rules.yml");
  private static final Path TRIALS = Path.of("alerts", "millwright.test.yml");

  private static final String TOKEN = "/etc/millwright/prometheus.token";
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

  /** Nor one that passes where a part of its expression is left out that spares somebody a page. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MillwrightNodeMissing | ' unless on (instance) (up{job=\"millwright-collector\"} == 0)'",
        "MillwrightProbeStale | ' or (millwright_agent_probe_up == 0)'",
        "JobsLostFast | '{result!~\"refused|cancelled\"}'",
        "JobsLostFast | ' and on () (sum(increase(millwright_jobs_finished_total"
            + "{result=\"node_fail\"}[1h])) > 2.5)'",
        "JobsLostSlowly | ' and on () (sum(increase(millwright_jobs_finished_total"
            + "{result=\"node_fail\"}[6h])) > 2.5)'",
        "AcceleratorStraggler | ' and on (node, uuid)"
            + " (avg_over_time(millwright_accelerator_utilization_ratio[10m]) > 0.8)'",
      })
  void noTrialPassesWithoutAPartOfItsAlert(String alert, String part) throws Exception {
    Promtool promtool = Promtool.orSkip();
    String rules = Files.readString(RULES);
    assertThat(rules).contains(part);
    String own = trialsOf(alert);
    assertThat(trials(promtool, rules, own).text()).contains("SUCCESS");
    assertThat(failed(trials(promtool, rules.replace(part, ""), own).text())).contains(alert);
  }

  private static Set<String> failed(String said) {
    return FAILED.matcher(said).results().map(found -> found.group(1)).collect(Collectors.toSet());
  }

  private Promtool.Said trials(Promtool promtool, String rules)
      throws IOException, InterruptedException {
    return trials(promtool, rules, Files.readString(TRIALS));
  }

  private Promtool.Said trials(Promtool promtool, String rules, String trials)
      throws IOException, InterruptedException {
    Files.writeString(directory.resolve(RULES.getFileName()), rules);
    Path file = Files.writeString(directory.resolve(TRIALS.getFileName()), trials);
    return promtool.run("test", "rules", file.toString());
  }

  /** The file of trials with those of one alert alone: all of them take some seconds. */
  private static String trialsOf(String alert) throws IOException {
    String[] parts = Files.readString(TRIALS).split("(?m)^(?=  - name: )");
    String own =
        Arrays.stream(parts)
            .filter(part -> part.startsWith("  - name: " + alert + "\n"))
            .collect(Collectors.joining());
    assertThat(own).as("trials of " + alert).isNotEmpty();
    return parts[0] + own;
  }

  /** It names files that a site has, here beside a copy. */
  @Test
  void theExampleConfigurationIsWhole() throws Exception {
    Promtool promtool = Promtool.orSkip();
    Path config = directory.resolve("prometheus.yml");
    Path token = Files.writeString(directory.resolve("prometheus.token"), "a-token");
    String text = Files.readString(Path.of("prometheus.yml"));
    assertThat(text).contains(TOKEN);
    Files.writeString(config, text.replace(TOKEN, token.toString()));
    Files.createDirectory(directory.resolve("alerts"));
    Files.copy(RULES, directory.resolve(RULES));
    Promtool.Said said = promtool.run("check", "config", config.toString());
    assertThat(said.exit()).as(said.text()).isZero();
    assertThat(said.text()).contains("1 rule files found");
  }

  /** Prometheus gives whatever lies there to everybody. */
  @Test
  void nothingButRunbooksIsServed() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("assets"))) {
      assertThat(files.filter(Files::isRegularFile))
          .hasSizeGreaterThan(20)
          .allMatch(file -> file.toString().matches("assets/runbooks/[A-Za-z]+\\.md"));
    }
    assertThat(Files.readString(Path.of("prometheus.yml")))
        .contains("credentials_file: " + TOKEN + "}");
    assertThat(Path.of(TOKEN)).isAbsolute();
  }

  /** A rule without a label in common mutes whatever it names, of all nodes. */
  @Test
  void theExampleOfInhibitionMutesOnlyWhatBelongsTogether() throws IOException {
    String text = Files.readString(Path.of("alerts", "alertmanager.yml"));
    Set<String> alerts =
        ALERT
            .matcher(Files.readString(RULES))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());
    assertThat(
            Pattern.compile("(?:Millwright|Accelerator|Node|Jobs?)[A-Z][A-Za-z]+")
                .matcher(text)
                .results()
                .map(found -> found.group()))
        .hasSizeGreaterThan(10)
        .isSubsetOf(alerts);
    String inhibition = text.substring(text.indexOf("inhibit_rules:"), text.indexOf("receivers:"));
    String[] rules = inhibition.split("- source_matchers: ", -1);
    assertThat(rules).hasSizeGreaterThan(4);
    for (int i = 1; i < rules.length; i++) {
      assertThat(rules[i])
          .as("a rule that mutes across the fleet is for sums over the fleet alone")
          .containsPattern("equal: \\[|\"JobsLostFast\"");
    }
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
