package io.millwright.protocol.bodies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HealthBodyTest {
  private static final List<Verdict> VERDICTS = List.of(Verdict.values());
  private static final Evidence FELL =
      new Evidence(
          "xid",
          1,
          Verdict.FAILED,
          Advice.RESET_DEVICE,
          Scope.DEVICE,
          "Xid 79, 1 time",
          1_700_000_000_000L,
          "a reset or a reboot is seen",
          Optional.of("hello-r1"),
          false);
  private static final Evidence SEEN =
      new Evidence(
          "margin-low",
          2,
          Verdict.DEGRADED,
          Advice.WATCH,
          Scope.DEVICE,
          "3 °C",
          5,
          "above 5 °C for 60 s",
          Optional.empty(),
          true);

  @Test
  void comesBackAsItWas() {
    HealthReport report =
        new HealthReport(
            7,
            List.of(
                new Judgement(new Subject.Node(), Verdict.OK, List.of()),
                new Judgement(
                    new Subject.Device("3", "GPU-3"), Verdict.FAILED, List.of(FELL, SEEN))));
    assertThat(HealthBody.of(HealthBody.json(report))).isEqualTo(report);
    assertThat(report.verdict()).isEqualTo(Verdict.FAILED);
  }

  @Test
  void nothingJudgedIsUnknown() {
    assertThat(new HealthReport(7, List.of()).verdict()).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void refusesAWordThatIsNone() {
    String text = "{\"at_ms\":1,\"judgements\":[{\"verdict\":\"fine\",\"evidence\":[]}]}";
    assertThatThrownBy(() -> HealthBody.of(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(JsonMistake.class)
        .hasMessage(
            "judgements[0].verdict: 'fine' is refused; allowed is ok, degraded, failed or unknown");
  }

  @Test
  void takesFieldsOfANewerAgent() {
    String text =
        "{\"at_ms\":1,\"more\":2,\"judgements\":[{\"verdict\":\"ok\",\"new\":{},\"evidence\":[]}]}";
    assertThat(HealthBody.of(text.getBytes(StandardCharsets.UTF_8)).verdict())
        .isEqualTo(Verdict.OK);
  }

  @Test
  void refusesWhatATerminalWouldObey() {
    String text =
        "{\"at_ms\":1,\"judgements\":[{\"uuid\":\"a\\u001b[2J\",\"accelerator\":\"0\",\"verdict\":\"ok\",\"evidence\":[]}]}";
    assertThatThrownBy(() -> HealthBody.of(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(JsonMistake.class)
        .hasMessageStartingWith("judgements[0].uuid: ")
        .hasMessageEndingWith("allowed is a text without control characters");
  }

  @Test
  void leavesOutTheMildestEvidenceWhereTheFrameIsTooShort() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      HealthReport report = report(random);
      int whole = HealthBody.json(report).length;
      int most = 300 + random.nextInt(whole);
      byte[] text = HealthBody.json(report, most);
      assertThat(text.length).as("seed %d", seed).isLessThanOrEqualTo(most);
      HealthReport read = HealthBody.of(text);
      assertThat(read.verdict()).as("seed %d", seed).isEqualTo(report.verdict());
      if (most >= whole) {
        assertThat(read).as("seed %d", seed).isEqualTo(report);
      }
      assertThat(read.judgements().stream().flatMap(j -> j.evidence().stream()))
          .as("seed %d", seed)
          .isSubsetOf(report.judgements().stream().flatMap(j -> j.evidence().stream()).toList());
      mildestAreOut(report, read, seed);
    }
  }

  private static void mildestAreOut(HealthReport report, HealthReport read, long seed) {
    List<Evidence> out =
        new ArrayList<>(report.judgements().stream().flatMap(j -> j.evidence().stream()).toList());
    List<Evidence> in = read.judgements().stream().flatMap(j -> j.evidence().stream()).toList();
    in.forEach(out::remove);
    boolean onlyMildOut = out.stream().allMatch(Evidence::observeOnly);
    boolean noneMildIn = in.stream().noneMatch(Evidence::observeOnly);
    assertThat(onlyMildOut || noneMildIn).as("seed %d", seed).isTrue();
  }

  private static HealthReport report(Random random) {
    List<Judgement> judgements = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(12); i++) {
      List<Evidence> evidence = new ArrayList<>();
      for (int k = random.nextInt(5); k > 0; k--) {
        evidence.add(random.nextBoolean() ? FELL : SEEN);
      }
      judgements.add(
          new Judgement(
              new Subject.Device("" + i, "GPU-é" + i),
              VERDICTS.get(random.nextInt(VERDICTS.size())),
              evidence));
    }
    return new HealthReport(random.nextLong(), judgements);
  }
}
