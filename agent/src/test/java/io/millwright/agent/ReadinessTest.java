package io.millwright.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Periods;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When {@code /readyz} says no. */
class ReadinessTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final NodeSnapshot FIRST = new NodeSnapshot(1, 5 * SECOND, List.of());

  @Test
  void beforeTheFirstSnapshot() {
    assertThat(Agent.missing(new NodeSnapshot(0, 0, List.of()), 0, Periods.STANDARD))
        .hasValue("no snapshot was taken yet");
  }

  @Test
  void onceTheSamplerStandsStill() {
    assertThat(Agent.missing(FIRST, 6 * SECOND, Periods.STANDARD)).isEmpty();
    assertThat(Agent.missing(FIRST, 12 * SECOND, Periods.STANDARD))
        .hasValue("the newest snapshot is 7 s old: the sampler stands still");
  }
}
