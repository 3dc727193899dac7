package io.millwright.agent.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a scheduler is told of a node that is not fit. */
class UnfitTest {
  private static Judgement failed(Subject subject, String rule, Advice advice) {
    return new Judgement(
        subject,
        Verdict.FAILED,
        List.of(
            new Evidence(
                rule,
                1,
                Verdict.FAILED,
                advice,
                Scope.NODE,
                "observed",
                0,
                "a boot",
                Optional.empty(),
                false)));
  }

  private static String reason(Judgement... judgements) {
    return Unfit.reason(new HealthReport(0, List.of(judgements))).orElseThrow();
  }

  @Test
  void anAcceleratorThatIsMissingSaysLessThanWhyItLeft() {
    Judgement missing = failed(new Subject.Node(), "accelerators-missing", Advice.INSPECT);
    Judgement fellOff = failed(new Subject.Device("3", "GPU-3"), "xid-reboot", Advice.REBOOT_NODE);
    assertThat(reason(missing)).startsWith("the node failed by accelerators-missing");
    assertThat(reason(missing, fellOff)).startsWith("accelerator 3 failed by xid-reboot");
    Judgement other = failed(new Subject.Node(), "state-read-only", Advice.INSPECT);
    assertThat(reason(other, fellOff)).startsWith("the node failed by state-read-only");
  }
}
