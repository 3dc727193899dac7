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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthBodyTest {
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
}
