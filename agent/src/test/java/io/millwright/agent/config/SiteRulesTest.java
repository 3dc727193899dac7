package io.millwright.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.health.Comparison;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiteRulesTest {
  private static final RuleCatalogue PACKAGED = RuleCatalogue.load();
  private static final String ADDED =
      """
      add:
        site-spare:
          vendor: any
          check: disk
          when: reading millwright_node_nvme_available_spare_ratio < 0.2
          ends: not for 10m
          verdict: degraded
          advice: inspect
          scope: node
          meaning: An NVMe disk is worn.
      """;

  @TempDir private Path directory = Path.of("");

  private SiteRules.Result read(String... files) throws IOException {
    for (int i = 0; i < files.length; i++) {
      Files.writeString(directory.resolve("%d0-site.yaml".formatted(i + 1)), files[i]);
    }
    SiteRules.Words words =
        new SiteRules.Words(Set.of("fs_error", "hung_task"), Set.of("fabric", "host"));
    return new SiteRules(directory, PACKAGED, words).read();
  }

  private SiteRules.Result.Loaded loaded(String... files) throws IOException {
    SiteRules.Result result = read(files);
    assertThat(result).isInstanceOf(SiteRules.Result.Loaded.class);
    return (SiteRules.Result.Loaded) result;
  }

  private List<String> refused(String... files) throws IOException {
    SiteRules.Result result = read(files);
    assertThat(result).isInstanceOf(SiteRules.Result.Refused.class);
    return ((SiteRules.Result.Refused) result)
        .problems().stream()
            .map(Problem::sentence)
            .map(sentence -> sentence.replace(directory + "/", ""))
            .toList();
  }

  @Test
  void withoutADirectoryThePackagedRulesHold() throws IOException {
    SiteRules.Words none = new SiteRules.Words(Set.of(), Set.of());
    SiteRules.Result result = new SiteRules(directory.resolve("absent"), PACKAGED, none).read();
    assertThat(result).isInstanceOf(SiteRules.Result.Loaded.class);
    assertThat(loaded().rules().all()).isEqualTo(PACKAGED.all());
    assertThat(loaded("# nothing yet\n").rules().all()).isEqualTo(PACKAGED.all());
  }

  @Test
  void aRuleThatIsOffIsNoMoreAndItsCodesKeepTheirSeverity() throws IOException {
    SiteRules.Result.Loaded loaded = loaded("disable: [throttle-sw-thermal, xid-reset]");
    assertThat(loaded.disabled()).isEqualTo(2);
    assertThat(loaded.rules().find("throttle-sw-thermal")).isEmpty();
    assertThat(loaded.rules().of(ErrorCode.xid(119))).isEmpty();
    assertThat(loaded.rules().severity(ErrorCode.xid(119))).isEqualTo("fatal");
  }

  @Test
  void aRuleIsTunedAndSaysSo() throws IOException {
    SiteRules.Result.Loaded loaded =
        loaded(
            """
            tune:
              margin-low: {threshold: 4, held: 2m, ends: value > 8 for 5m, verdict: failed, advice: drain}
              xid-jobs: {threshold: 5, window: 6h}
              ecc-corrected-rate:
                observe_only: no
                ends_in_words: it is quiet
              remap-failed: {verdict: failed}
            """);
    assertThat(loaded.tuned()).as("the last says what is so anyway").isEqualTo(3);
    Rule margin = loaded.rules().rule("margin-low");
    assertThat(margin.condition())
        .isInstanceOfSatisfying(
            Condition.Reading.class,
            reading -> {
              assertThat(reading.comparison()).isEqualTo(Comparison.BELOW);
              assertThat(reading.threshold()).isEqualTo(4);
            });
    assertThat(margin.held()).isEqualTo(Duration.ofMinutes(2));
    assertThat(margin.verdict()).isEqualTo(Verdict.FAILED);
    assertThat(margin.advice()).isEqualTo(Advice.DRAIN);
    assertThat(margin.endsInWords()).isEqualTo("the figure is > 8 for 5m; tuned by the site");
    assertThat(loaded.rules().rule("xid-jobs").condition())
        .isEqualTo(new Condition.XidJobs(5, Duration.ofHours(6)));
    assertThat(loaded.rules().rule("ecc-corrected-rate").observeOnly()).isFalse();
    assertThat(loaded.rules().rule("ecc-corrected-rate").endsInWords())
        .isEqualTo("it is quiet; tuned by the site");
    assertThat(loaded.rules().rule("remap-failed")).isEqualTo(PACKAGED.rule("remap-failed"));
  }

  @Test
  void aSiteAddsARule() throws IOException {
    SiteRules.Result.Loaded loaded = loaded(ADDED, "disable: [margin-low]");
    assertThat(loaded.added()).isEqualTo(1);
    Rule rule = loaded.rules().all().getLast();
    assertThat(rule.id()).isEqualTo("site-spare");
    assertThat(rule.endsInWords()).isEqualTo("it holds no more, for 10m; a rule of the site");
    assertThat(rule.observeOnly()).isFalse();
    assertThat(rule.reference()).isEqualTo("the site");
  }

  /** One sentence each: the place, the field, what was given, what is allowed or to be done. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "disable: [margin-lo]~1:11: there is no rule 'margin-lo'; did you mean margin-low?",
        "disable: margin-low~1:10: disable: allowed is a list of rules; write a line '- RULE' below it for each",
        "disabled: [margin-low]~1:1: the file: 'disabled' is refused; did you mean disable?",
        "tune: {margin-low: {hold: 5s}}~1:21: margin-low: 'hold' is refused; did you mean held?",
        "tune: {margin-low: {held: 5 s}}~1:27: margin-low.held: '5 s' is refused; allowed is a duration such as 60s, 5m or 24h",
        "tune: {margin-low: {held: 9999h}}~1:27: margin-low.held: '9999h' is refused; allowed is a duration of at most 8784h, a year",
        "tune: {margin-low: {threshold: hot}}~1:32: margin-low.threshold: 'hot' is refused; allowed is a number such as 5 or 0.05",
        "tune: {margin-low: {threshold: 6}}~1:8: margin-low.ends: this ending is refused; allowed is a figure at which the rule does not hold: it speaks at < 6",
        "tune: {margin-low: {window: 1h}}~1:29: margin-low.window: '1h' is refused; 'reading millwright_accelerator_temperature_margin_celsius < 2' has no window; remove it",
        "tune: {margin-low: {verdict: failed, advice: none}}~1:46: margin-low.advice: the rule needs an advice, because its verdict is failed",
        "tune: {margin-low: {ends: reset}}~1:27: margin-low.ends: this ending is refused; allowed is not for 10s or value > 5 for 60s, because a reading is looked at again",
        "tune: {xid-reset: {ends: not for 10s}}~1:26: xid-reset.ends: this ending is refused; allowed is reset, boot or quiet 24h, because an event does not last",
        "tune: {xid-reset: {held: 10s}}~1:26: xid-reset.held: '10s' is refused; allowed is 0s, because an event does not last",
        "tune: {margin-low: {observe_only: maybe}}~1:35: margin-low.observe_only: 'maybe' is refused; allowed is yes or no",
        "tune: {margin-low: {advice: fix}}~1:29: margin-low.advice: 'fix' is refused; allowed is none, watch, restart-job, drain, reset-device, restart-driver, reboot-node, inspect, replace",
        "tune: {margin-low: {held: 5s, held: 6s}}~1:31: margin-low: 'held' is given twice, first on line 1; keep one of them",
        "tune: {margin-low: 5}~1:20: margin-low: allowed is a section; write threshold, window, held, ends, verdict, advice, scope, observe_only, ends_in_words below it",
        "tune: {margin-low: {held: [5s]}}~1:27: margin-low.held: allowed is one value; write it behind the colon",
      })
  void aMistakeIsOneSentence(String file, String sentence) throws IOException {
    assertThat(refused(file)).containsExactly("10-site.yaml:" + sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "site-spare~my-spare~2:3: my-spare.id: 'my-spare' is refused; allowed is an id that begins with site-, so that no later release has one of that name",
        "check: disk~check: disc~4:12: site-spare.check: 'disc' is refused; did you mean disk?",
        "vendor: any~vendor: amd~3:13: site-spare.vendor: 'amd' is refused; allowed is nvidia, aws or any",
        "advice: inspect~advices: inspect~8:5: site-spare: 'advices' is refused; did you mean advice?",
      })
  void anAddedRuleThatCannotSpeakIsRefused(String good, String bad, String sentence)
      throws IOException {
    assertThat(refused(ADDED.replace(good, bad))).contains("10-site.yaml:" + sentence);
  }

  @ParameterizedTest
  @CsvSource({
    "kernel hung_tsk, did you mean hung_task?",
    "xid, 'xid' is refused",
    "probe fabrik, did you mean fabric?",
    "gone millwright_node_rdma_port_up of fabrik, did you mean fabric?",
    "reading millwright_agent_probe_up = 0, 'millwright_agent_probe_up' is refused",
    "reading millwright_node_health_state{state=failed} = 1, 'millwright_node_health_state' is refused",
    "share millwright_node_memory_available_bytes / millwright_node_filesystem_size_bytes < 1, 'millwright_node_filesystem_size_bytes' is refused",
    "reading millwright_node_rdma_port_up{place=state} = 0, 'place=state' is refused",
  })
  void aConditionThatNothingCanMeetIsRefused(String when, String sentence) throws IOException {
    String was = "reading millwright_node_nvme_available_spare_ratio < 0.2";
    String ends = when.startsWith("kernel") || when.equals("xid") ? "quiet 1h" : "not for 10m";
    assertThat(refused(ADDED.replace(was, when).replace("not for 10m", ends)))
        .singleElement()
        .asString()
        .startsWith("10-site.yaml:5:11: site-spare.when: ")
        .contains(sentence);
  }

  @Test
  void aRuleIsChangedInOnePlace() throws IOException {
    assertThat(refused("disable: [margin-low]", "tune:\n  margin-low: {held: 5m}"))
        .containsExactly(
            "20-site.yaml:2:3: 'margin-low' is changed twice, first at 10-site.yaml:1:11; keep one of them");
  }

  @Test
  void everyMistakeOfEveryFileIsSaidAndOneRefusesAll() throws IOException {
    Files.writeString(directory.resolve("30-old.yml"), "disable: []");
    Files.writeString(directory.resolve("30-old.yaml.bak"), "not looked at");
    assertThat(refused("disable: [nothing]", "tune: {margin-low: {held: x}}", "a: [b"))
        .hasSize(4)
        .anyMatch(sentence -> sentence.startsWith("30-old.yml: the ending .yml is refused"))
        .anyMatch(sentence -> sentence.startsWith("10-site.yaml:1:11: there is no rule 'nothing'"))
        .anyMatch(
            sentence -> sentence.startsWith("30-site.yaml:") && sentence.contains("not YAML"));
  }
}
