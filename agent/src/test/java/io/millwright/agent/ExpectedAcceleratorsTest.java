package io.millwright.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.config.AgentConfig;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ExpectedAcceleratorsTest {
  private static final OptionalInt NONE = OptionalInt.empty();

  private static OptionalInt expected(OptionalInt said, OptionalInt ofProduct) {
    AgentConfig.Nvidia config =
        new AgentConfig.Nvidia(
            true, "lib", Duration.ofSeconds(1), Duration.ofSeconds(30), said, "auto");
    return Agent.options(config, ofProduct).expected();
  }

  @Test
  void areThoseOfTheProductUnlessTheSiteSaysOtherwise() {
    assertThat(expected(NONE, OptionalInt.of(8))).hasValue(8);
    assertThat(expected(OptionalInt.of(4), OptionalInt.of(8))).hasValue(4);
    assertThat(expected(OptionalInt.of(0), OptionalInt.of(8))).hasValue(0);
  }

  @Test
  void ofAProductThatIsNotKnownNothingIsExpected() {
    assertThat(expected(NONE, NONE)).isEmpty();
  }
}
