package io.millwright.agent.self;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.page.StillClock;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfMetricsTest {
  private final StillClock clock = new StillClock();
  @TempDir Path process = Path.of("");
  private SelfMetrics self = metrics(process, clock);

  @BeforeEach
  void readFromTheTemporaryProcess() {
    self = metrics(process, clock);
  }

  private static SelfMetrics metrics(Path process, StillClock clock) {
    return new SelfMetrics(
        "n1", new Build("1.0", "abc", "25", "2026-11-21"), clock, process, process);
  }

  @Test
  void saysNothingOfWhatWasNotObserved() {
    assertThat(samples())
        .allMatch(line ->
            line.startsWith("millwright_agent_build_info{")
                || line.startsWith("millwright_agent_start_timestamp_seconds{"))
        .hasSize(2);
  }

  @Test
  void keepsTheAccountOfAProbe() {
    ProbeAccount probe = self.probe("nvml");
    assertThat(samples())
        .contains("millwright_agent_probe_overruns_total{node=\"n1\",probe=\"nvml\"} 0.0")
        .contains(
            "millwright_agent_probe_failures_total{node=\"n1\",probe=\"nvml\",reason=\"device_lost\"}"
                + " 0.0")
        .noneMatch(line -> line.startsWith("millwright_agent_probe_up{"));
    clock.advance(Duration.ofSeconds(100));
    probe.succeeded(Duration.ofMillis(250).toNanos());
    assertThat(samples())
        .contains("millwright_agent_probe_up{node=\"n1\",probe=\"nvml\"} 1.0")
        .contains("millwright_agent_probe_duration_seconds{node=\"n1\",probe=\"nvml\"} 0.25")
        .contains(
            "millwright_agent_probe_last_success_timestamp_seconds{node=\"n1\",probe=\"nvml\"}"
                + " 100.0");
    probe.failed(Fault.DEVICE_LOST, Duration.ofSeconds(1).toNanos());
    self.probe("nvml").overrun();
    assertThat(samples())
        .contains("millwright_agent_probe_up{node=\"n1\",probe=\"nvml\"} 0.0")
        .contains("millwright_agent_probe_overruns_total{node=\"n1\",probe=\"nvml\"} 1.0")
        .contains(
            "millwright_agent_probe_failures_total{node=\"n1\",probe=\"nvml\",reason=\"device_lost\"}"
                + " 1.0")
        .contains(
            "millwright_agent_probe_last_success_timestamp_seconds{node=\"n1\",probe=\"nvml\"}"
                + " 100.0");
  }

  @Test
  void keepsTheDigestOfTheConfigurationInForce() {
    self.configurationLoaded("aa");
    self.configurationLoaded("bb");
    self.configurationRefused();
    assertThat(samples())
        .contains("millwright_agent_config_info{node=\"n1\",sha256=\"bb\"} 1")
        .contains("millwright_agent_config_last_reload_successful{node=\"n1\"} 0.0")
        .noneMatch(line -> line.contains("\"aa\""));
  }

  @Test
  void countsRendersInTheBucketsOfTheCatalogue() {
    self.rendered(Duration.ofMillis(7).toNanos(), 42);
    assertThat(samples())
        .contains("millwright_agent_series{node=\"n1\"} 42.0")
        .contains("millwright_agent_scrape_duration_seconds_bucket{node=\"n1\",le=\"0.005\"} 0")
        .contains("millwright_agent_scrape_duration_seconds_bucket{node=\"n1\",le=\"0.01\"} 1")
        .contains("millwright_agent_scrape_duration_seconds_count{node=\"n1\"} 1");
    String buckets =
        String.join(
            ",",
            samples().stream()
                .filter(line -> line.contains("_bucket"))
                .map(line -> line.replaceAll(".*le=\"([^\"]*)\".*", "$1"))
                .filter(bound -> !bound.equals("+Inf"))
                .map(bound -> bound.replaceAll("\\.0$", ""))
                .toList());
    assertThat(Metric.AGENT_SCRAPE_DURATION_SECONDS.help()).contains("le " + buckets);
  }

  @Test
  void readsItsMemoryAtMostEveryFifteenSeconds() throws IOException {
    rollup(100);
    self.refresh();
    assertThat(samples())
        .contains("millwright_agent_memory_bytes{kind=\"rss\",node=\"n1\"} 102400.0")
        .contains("millwright_agent_memory_bytes{kind=\"private\",node=\"n1\"} 30720.0");
    rollup(200);
    clock.advance(Duration.ofSeconds(14));
    self.refresh();
    assertThat(samples()).anyMatch(line -> line.endsWith("kind=\"rss\",node=\"n1\"} 102400.0"));
    clock.advance(Duration.ofSeconds(1));
    self.refresh();
    assertThat(samples()).anyMatch(line -> line.endsWith("kind=\"rss\",node=\"n1\"} 204800.0"));
  }

  private void rollup(int kilobytes) throws IOException {
    Files.writeString(
        process.resolve("smaps_rollup"),
        """
        55d0-7ffc ---p 00000000 00:00 0    [rollup]
        Rss:               %d kB
        Pss:                 50 kB
        Private_Clean:       10 kB
        Private_Dirty:       20 kB
        """
            .formatted(kilobytes));
  }

  @Test
  void fallsBackToTheResidentSetAndThenToNothing() throws IOException {
    Files.writeString(process.resolve("status"), "Name:\tjava\nVmRSS:\t   5 kB\n");
    self.refresh();
    assertThat(samples())
        .contains("millwright_agent_memory_bytes{kind=\"rss\",node=\"n1\"} 5120.0")
        .noneMatch(line -> line.contains("private"));
    Files.delete(process.resolve("status"));
    clock.advance(Duration.ofSeconds(15));
    self.refresh();
    assertThat(samples()).noneMatch(line -> line.contains("memory_bytes"));
  }

  private void limits(String high, int exceeded, String quota, int throttled) throws IOException {
    Path group = Files.createDirectories(process.resolve("system.slice/a.service"));
    Files.writeString(process.resolve("cgroup"), "0::/system.slice/a.service\n");
    Files.writeString(group.resolve("memory.high"), high + "\n");
    Files.writeString(group.resolve("memory.events"), "low 0\nhigh " + exceeded + "\nmax 0\n");
    Files.writeString(group.resolve("cpu.max"), quota + " 100000\n");
    Files.writeString(
        group.resolve("cpu.stat"), "usage_usec 5\nnr_periods 9\nnr_throttled " + throttled + "\n");
    clock.advance(Duration.ofSeconds(15));
    self.refresh();
  }

  private List<String> overBudget() {
    return samples().stream().filter(line -> line.contains("over_budget")).sorted().toList();
  }

  /** As the kernel counts them for the unit; a limit that is not there is not told. */
  @Test
  void saysWhetherItMeetsTheLimitsOfItsUnit() throws IOException {
    limits("167772160", 3, "100000", 7);
    assertThat(overBudget()).as("nothing to compare with").isEmpty();
    limits("167772160", 3, "100000", 7);
    assertThat(overBudget())
        .containsExactly(
            "millwright_agent_over_budget{node=\"n1\",resource=\"cpu\"} 0.0",
            "millwright_agent_over_budget{node=\"n1\",resource=\"memory\"} 0.0");
    limits("167772160", 4, "100000", 7);
    assertThat(overBudget())
        .containsExactly(
            "millwright_agent_over_budget{node=\"n1\",resource=\"cpu\"} 0.0",
            "millwright_agent_over_budget{node=\"n1\",resource=\"memory\"} 1.0");
    limits("max", 9, "100000", 8);
    assertThat(overBudget())
        .containsExactly("millwright_agent_over_budget{node=\"n1\",resource=\"cpu\"} 1.0");
    Files.delete(process.resolve("cgroup"));
    clock.advance(Duration.ofSeconds(15));
    self.refresh();
    assertThat(overBudget()).isEmpty();
  }

  @Test
  void readsTheMemoryOfThisVeryProcess() {
    SelfMetrics own = metrics(Path.of("/proc/self"), clock);
    own.refresh();
    assertThat(text(own, TextFormat.PROMETHEUS)).contains("kind=\"rss\"", "kind=\"private\"");
  }

  /** Name, type, unit and words of every family come from the catalogue, in both formats. */
  @Test
  void describesItsFamiliesAsTheCatalogueDoes() throws IOException {
    rollup(1);
    self.refresh();
    self.rendered(1, 1);
    self.configurationLoaded("aa");
    self.probe("host").succeeded(1);
    String text = text(self, TextFormat.PROMETHEUS);
    String openMetrics = text(self, TextFormat.OPENMETRICS);
    assertThat(openMetrics).doesNotContain("EOF").doesNotContain("_created");
    List<Metric> shown = new ArrayList<>();
    Arrays.stream(Metric.values())
        .filter(metric -> text.contains("# HELP " + metric.familyName() + " "))
        .forEach(shown::add);
    assertThat(shown).hasSize(13);
    assertThat(text.lines().filter(line -> line.startsWith("# HELP"))).hasSize(13);
    for (Metric metric : shown) {
      String name = metric.familyName().replaceAll("_(total|info)$", "");
      assertThat(text).contains("# HELP " + metric.familyName() + " " + metric.help() + "\n");
      assertThat(openMetrics).contains("# HELP " + name + " " + metric.help() + "\n");
      if (metric.unit().named()) {
        assertThat(openMetrics).contains("# UNIT " + name + " " + metric.unit().word() + "\n");
      }
    }
  }

  private List<String> samples() {
    return text(self, TextFormat.PROMETHEUS).lines().filter(line -> !line.startsWith("#")).toList();
  }

  private static String text(SelfMetrics self, TextFormat format) {
    PageBuffer page = new PageBuffer(16);
    int written = self.write(format, page);
    String text = new String(page.toByteArray(), StandardCharsets.UTF_8);
    assertThat(text.lines().filter(line -> !line.startsWith("#"))).hasSize(written);
    return text;
  }
}
