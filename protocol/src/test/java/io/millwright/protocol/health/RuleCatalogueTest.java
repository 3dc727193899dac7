package io.millwright.protocol.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleCatalogueTest {
  private static final String GOOD =
      "some-rule\t1\tnvidia\tmemory\tstuck\t0s\tnot for 10s\tfailed\treplace\tdevice\tno\tIt is.\tit is not\there";

  private final RuleCatalogue catalogue = RuleCatalogue.load();

  private static RuleCatalogue of(String... rows) {
    List<String> lines = new ArrayList<>(List.of("# comment", "headings"));
    lines.addAll(List.of(rows));
    return RuleCatalogue.of(
        lines, XidTable.of(List.of("headings")), SxidTable.NONE, NeuronErrorTable.NONE);
  }

  @Test
  void everyFatalRuleHasAnAdviceAndEveryRuleAnEnd() {
    assertThat(catalogue.all()).hasSizeGreaterThan(40);
    assertThat(catalogue.all())
        .filteredOn(rule -> rule.verdict() == Verdict.FAILED)
        .isNotEmpty()
        .noneMatch(rule -> rule.advice() == Advice.NONE);
    assertThat(catalogue.all()).noneMatch(rule -> rule.endsInWords().isBlank());
  }

  /** What the design says of single codes overrules their classes. */
  @ParameterizedTest
  @CsvSource({
    "63, degraded, reset-device",
    "64, failed, replace",
    "79, failed, reboot-node",
    "109, failed, reset-device",
    "119, failed, reset-device",
    "149, failed, reset-device",
    "145, degraded, watch",
    "94, degraded, reset-device",
    "13, ok, restart-job",
    "31, ok, restart-job",
    "43, ok, restart-job",
    "45, ok, restart-job",
    "68, ok, restart-job",
    "9999, degraded, watch",
  })
  void codesAreJudgedAsTheTableSays(int code, String verdict, String advice) {
    Rule rule = catalogue.of(ErrorCode.xid(code)).orElseThrow();
    assertThat(rule.verdict().word()).isEqualTo(verdict);
    assertThat(rule.advice().word()).isEqualTo(advice);
  }

  @ParameterizedTest
  @CsvSource({
    "79, fatal, 79",
    "48, fatal, 48",
    "119, fatal, 119",
    "13, info, 13",
    "154, info, 154",
    "63, warning, 63",
    "149, fatal, 149",
    "9999, warning, other",
  })
  void severityIsThatOfTheVerdict(int code, String severity, String label) {
    assertThat(catalogue.severity(ErrorCode.xid(code))).isEqualTo(severity);
    assertThat(catalogue.label(ErrorCode.xid(code))).isEqualTo(label);
  }

  @Test
  void fatalCodesAreFewEnoughToStandOnEveryPage() {
    assertThat(catalogue.fatalCodes("nvidia"))
        .contains(ErrorCode.xid(64), ErrorCode.xid(79), ErrorCode.xid(95), ErrorCode.xid(120))
        .hasSizeBetween(15, 40);
    assertThat(catalogue.fatalCodes("aws"))
        .contains(ErrorCode.neuron("HBM_UNCORRECTABLE_ERROR"))
        .hasSize(4);
  }

  @Test
  void allCodesOfTheReferenceAreThere() {
    assertThat(catalogue.xids().all()).hasSize(176);
    assertThat(catalogue.xids().all()).noneMatch(xid -> xid.meaning().isBlank());
  }

  @Test
  void readsARow() {
    assertThat(of(GOOD).rule("some-rule").condition()).isEqualTo(new Condition.Stuck());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replace | none | needs an advice, because its verdict is failed",
        "it is not |  | needs words for what ends it",
        "not for 10s | never | ends: 'never' is refused",
        "stuck | angry | when: 'angry' is refused",
        "stuck | turns millwright_node_rdma_port_up = 0 >= 3 in 12h | when: 'turns",
        "stuck | turns millwright_node_rdma_port_up = 0 for 30s >= 0 in 12h | when: '>= 0' is refused; allowed is 1 to 64",
        "stuck | turns millwright_node_rdma_port_up = 0 for 30s >= 65 in 12h | when: '>= 65' is refused",
        "stuck | gone | when: 'gone' is refused",
        "stuck | gone millwright_none | when: 'millwright_none' is refused",
        "stuck | began lost | when: 'lost' is refused",
        "stuck | frozen millwright_none | when: 'millwright_none' is refused",
        "stuck | below-peers millwright_node_rdma_port_up by 0.1 in 1m | when: 'millwright_node_rdma_port_up' is refused",
        "stuck | below-peers millwright_accelerator_clock_hertz by 1 in 1m | when: '1' is refused",
        "stuck | reading millwright_none = 1 | when: 'millwright_none' is refused",
        "failed | bad | verdict: 'bad' is refused",
        "0s | soon | held: 'soon' is refused",
      })
  void aRowThatCannotBeMeantIsRefused(String good, String bad, String sentence) {
    String row = GOOD.replace("\t" + good + "\t", "\t" + (bad == null ? "" : bad) + "\t");
    assertThat(row).isNotEqualTo(GOOD);
    assertThatThrownBy(() -> of(row))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rule 'some-rule'")
        .hasMessageContaining(sentence);
  }

  private static Condition condition(String when) {
    return of(GOOD.replace("\tstuck\t", "\t" + when + "\t")).rule("some-rule").condition();
  }

  @Test
  void readsWhatAsksOfThePast() {
    Match port = new Match(Metric.NODE_RDMA_PORT_UP, Map.of("device", Set.of("a", "b")), Set.of());
    assertThat(condition("turns millwright_node_rdma_port_up{device=a|b} = 0 for 30s >= 3 in 12h"))
        .isEqualTo(
            new Condition.Turns(
                port, Comparison.EQUAL, 0, Duration.ofSeconds(30), 3, Duration.ofHours(12)));
    assertThat(condition("gone millwright_node_rdma_port_up{device=a|b}"))
        .isEqualTo(new Condition.Gone(port, Set.of()));
    assertThat(condition("gone millwright_node_rdma_port_up{device=a|b} of fabric|pcie"))
        .isEqualTo(new Condition.Gone(port, Set.of("fabric", "pcie")));
  }

  @Test
  void readsWhatAsksOfOthersAndOfWhatIsNot() {
    assertThat(condition("began reading millwright_node_rdma_port_up{device=a} = 0"))
        .isEqualTo(
            new Condition.Began(
                new Condition.Reading(
                    new Match(Metric.NODE_RDMA_PORT_UP, Map.of("device", Set.of("a")), Set.of()),
                    Comparison.EQUAL,
                    0)));
    String below = "below-peers millwright_accelerator_clock_hertz{domain=sm} by 0.03 in 5m";
    Match clock =
        new Match(Metric.ACCELERATOR_CLOCK_HERTZ, Map.of("domain", Set.of("sm")), Set.of());
    assertThat(condition(below))
        .isEqualTo(
            new Condition.BelowPeers(clock, 0.03, Duration.ofMinutes(5), Condition.Load.ANY));
    assertThat(condition(below + " of-equal-load"))
        .isEqualTo(
            new Condition.BelowPeers(clock, 0.03, Duration.ofMinutes(5), Condition.Load.SAME));
  }

  @Test
  void aLabelMayBeAnyButThese() {
    Match services =
        condition("reading millwright_node_service_active{service=!a|!b} = 0")
            .lookedAt()
            .orElseThrow();
    assertThat(services.covers(Series.of(Metric.NODE_SERVICE_ACTIVE, "n1", "c"))).isTrue();
    assertThat(services.covers(Series.of(Metric.NODE_SERVICE_ACTIVE, "n1", "a"))).isFalse();
    assertThat(services.covers(Series.of(Metric.NODE_SERVICE_ACTIVE, "n1", "b"))).isFalse();
    assertThatThrownBy(() -> condition("reading millwright_node_service_active{service=!a|b} = 0"))
        .hasMessageContaining("allowed is values, or values that all begin with !");
  }

  @Test
  void whatIsReadIsWrittenAsItStands() {
    assertThat(catalogue.all())
        .allSatisfy(rule ->
            assertThat(RuleText.condition(rule.condition().text())).isEqualTo(rule.condition()));
    String flaps = "turns millwright_node_rdma_port_up{device=a|b} = 0 for 30s >= 3 in 12h";
    assertThat(condition(flaps).text()).isEqualTo(flaps);
    String gone = "gone millwright_node_rdma_port_up of fabric|pcie";
    assertThat(condition(gone).text()).isEqualTo(gone);
  }

  @Test
  void anEndingThatCannotComeOrComesTooSoonIsRefused() {
    String low = "reading millwright_accelerator_temperature_margin_celsius < 2";
    for (String ends :
        List.of("reset", "boot", "quiet 1h", "value > 1 for 60s", "value < 9 for 1s")) {
      String row = GOOD.replace("\tstuck\t", "\t" + low + "\t").replace("not for 10s", ends);
      assertThatThrownBy(() -> of(row)).hasMessageContaining("ends: this ending is refused");
    }
    String good =
        GOOD.replace("\tstuck\t", "\t" + low + "\t").replace("not for 10s", "value >= 2 for 1s");
    assertThat(of(good).all()).hasSize(1);
    assertThatThrownBy(() -> of(GOOD.replace("\tstuck\t", "\txid\t")))
        .hasMessageContaining("an event does not last");
  }

  @Test
  void aRuleThatIsOffIsFoundNoMoreAndItsCodesStayAsGraveAsTheyWere() {
    RuleCatalogue without = catalogue.with(Map.of(), Set.of("xid-reset"));
    assertThat(without.of(ErrorCode.xid(119))).isEmpty();
    assertThat(without.severity(ErrorCode.xid(119))).isEqualTo("fatal");
    assertThat(without.all()).hasSize(catalogue.all().size() - 1);
  }

  @Test
  void aRuleIsThereOnce() {
    assertThatThrownBy(() -> of(GOOD, GOOD)).hasMessage("rule 'some-rule' is there twice");
  }

  @Test
  void aNeuronErrorThatNamesNoRuleOfThemIsRefused() {
    XidTable none = XidTable.of(List.of("headings"));
    NeuronErrorTable errors = NeuronErrorTable.of(List.of("headings", "X\tx\tsome-rule\tIt is."));
    assertThatThrownBy(
            () -> RuleCatalogue.of(List.of("headings", GOOD), none, SxidTable.NONE, errors))
        .hasMessageContaining("the Neuron error X names the rule 'some-rule'");
  }

  @Test
  void aNeuronErrorIsJudgedByItsTypeAndCountedByItsLabel() {
    ErrorCode known = ErrorCode.neuron("SRAM_UNCORRECTABLE_ERROR");
    assertThat(catalogue.label(known)).isEqualTo("sram_ue");
    assertThat(catalogue.severity(known)).isEqualTo("fatal");
    ErrorCode newer = ErrorCode.neuron("SOMETHING_NEW");
    assertThat(catalogue.label(newer)).isEqualTo("other");
    assertThat(catalogue.of(newer).orElseThrow().id()).isEqualTo("neuron-unknown");
  }

  @Test
  void aCodeThatNamesNoRuleOfCodesIsRefused() {
    XidTable codes = XidTable.of(List.of("headings", "5\tAPP\tsome-rule\tjob\tIt is."));
    assertThatThrownBy(() ->
            RuleCatalogue.of(
                List.of("headings", GOOD), codes, SxidTable.NONE, NeuronErrorTable.NONE))
        .hasMessageContaining("Xid 5 names the rule");
  }
}
