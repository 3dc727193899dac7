package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.NeuronGrant;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.agent.launcher.verb.Verb;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeftoversTest {
  private static final NeuronGrant.Given DEVICES = new NeuronGrant.Given(List.of(2, 3), "8-15", 2);
  private static final long AGENT = 990;

  private static Optional<String> refusal(Answer answer) {
    return new Leftovers(
            verb -> {
              assertThat(verb).isEqualTo(new Verb.ReadHolders());
              return answer;
            },
            uid -> uid == 0 || uid == AGENT)
        .refusal(DEVICES);
  }

  private static Answer held(String device, long... users) {
    List<Holder> holders =
        Arrays.stream(users).mapToObj(user -> new Holder(100 + user, "python", user, 5)).toList();
    return new Answer.Holdings(
        List.of(new Holding("neuron0", 0, List.of()), new Holding(device, holders.size(), holders)),
        true);
  }

  @Test
  void aDeviceThatAProcessStillHasOpenIsNotGiven() {
    assertThat(refusal(held("neuron3", 0, 1000)))
        .hasValue(
            "devices: neuron3 is still held by process 1100 (python) of user 1000; allowed is a"
                + " device that no process has open: end it, or wait until it has ended");
  }

  @Test
  void othersDevicesAndMonitorsAreNoReason() {
    assertThat(refusal(held("neuron1", 1000))).isEmpty();
    assertThat(refusal(held("neuron33", 1000))).isEmpty();
    assertThat(refusal(held("neuron3", 0, AGENT))).isEmpty();
    assertThat(refusal(held("neuron2"))).isEmpty();
  }

  @Test
  void whereNobodyCanLookItIsGiven() {
    assertThat(refusal(new Answer.Refused("there is no socket"))).isEmpty();
    assertThat(refusal(new Answer.Later("too often"))).isEmpty();
  }
}
