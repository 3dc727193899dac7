package io.millwright.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.config.AgentConfig;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ExpectedAcceleratorsTest {
  private static final OptionalInt NONE = OptionalInt.empty();

  private static OptionalInt expected(
      OptionalInt said, OptionalInt ofProduct, OptionalInt accepted) {
    AgentConfig.Nvidia config =
        new AgentConfig.Nvidia(
            true, "lib", Duration.ofSeconds(1), Duration.ofSeconds(30), said, "auto");
    return Agent.options(config, ofProduct, accepted).expected();
  }

  private static OptionalInt neuron(OptionalInt said, OptionalInt accepted) {
    AgentConfig.Neuron config = new AgentConfig.Neuron(true, "/", Duration.ofSeconds(1), said, "");
    return Agent.options(config, accepted).expected();
  }

  @Test
  void areThoseOfTheProductUnlessTheSiteSaysOtherwise() {
    assertThat(expected(NONE, OptionalInt.of(8), NONE)).hasValue(8);
    assertThat(expected(OptionalInt.of(4), OptionalInt.of(8), NONE)).hasValue(4);
    assertThat(expected(OptionalInt.of(0), OptionalInt.of(8), NONE)).hasValue(0);
  }

  @Test
  void ofAProductThatIsNotKnownAreThoseThatWereAccepted() {
    assertThat(expected(NONE, NONE, OptionalInt.of(6))).hasValue(6);
    assertThat(expected(NONE, OptionalInt.of(8), OptionalInt.of(6))).hasValue(8);
    assertThat(expected(OptionalInt.of(4), NONE, OptionalInt.of(6))).hasValue(4);
    assertThat(neuron(NONE, OptionalInt.of(16))).hasValue(16);
    assertThat(neuron(OptionalInt.of(12), OptionalInt.of(16))).hasValue(12);
  }

  @Test
  void ofAProductThatIsNotKnownNothingIsExpected() {
    assertThat(expected(NONE, NONE, NONE)).isEmpty();
    assertThat(neuron(NONE, NONE)).isEmpty();
  }
}
