package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.Strangers;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.clock.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeftoversTest {
  private static final List<String> DEVICES = List.of("neuron2", "neuron3", "nvidia3");
  private static final long DAEMON = 990;

  /** Waiting takes no time. */
  private static final class Hasty implements Clock {
    private long now = 1;

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public Instant wall() {
      return Instant.EPOCH;
    }

    @Override
    public void parkUntil(long nanos) {
      now = nanos;
    }
  }

  private static Optional<String> refusal(Answer answer) {
    return new Leftovers(
            verb -> {
              assertThat(verb).isEqualTo(new Verb.ReadHolders());
              return answer;
            },
            Strangers.to("root"),
            new Hasty())
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
    assertThat(refusal(held("nvidia3", DAEMON, 60_000))).isPresent();
  }

  /** Also one that a container's user space has numbered beyond the system's own. */
  @Test
  void aPersonIsWhoeverIsNoServiceOfTheSystem() {
    assertThat(refusal(held("nvidia3", 100_000))).isPresent();
    assertThat(refusal(held("nvidia3", 61_184))).isEmpty();
    assertThat(refusal(held("nvidia3", 999))).isEmpty();
  }

  @Test
  void othersDevicesAndMonitorsAreNoReason() {
    assertThat(refusal(held("neuron1", 1000))).isEmpty();
    assertThat(refusal(held("neuron33", 1000))).isEmpty();
    assertThat(refusal(held("neuron3", 0, DAEMON))).isEmpty();
    assertThat(refusal(held("neuron2"))).isEmpty();
  }

  @Test
  void whereNobodyCanLookItIsGiven() {
    assertThat(refusal(new Answer.Refused("there is no socket"))).isEmpty();
    assertThat(refusal(new Answer.Later("too often"))).isEmpty();
  }

  @Test
  void nobodyIsAskedForARunWithoutDevices() {
    Leftovers none =
        new Leftovers(
            verb -> {
              throw new AssertionError("asked " + verb);
            },
            Strangers.to("root"),
            new Hasty());
    assertThat(none.refusal(List.of())).isEmpty();
  }

  @Test
  void whoIsToldToAskAgainAsksAgain() {
    Answer later = new Answer.Later("another look is under way");
    Deque<Answer> answers =
        new ArrayDeque<>(List.of(later, later, held("nvidia3", 1000), later, later, later, later));
    Leftovers leftovers =
        new Leftovers(verb -> answers.remove(), Strangers.to("root"), new Hasty());
    assertThat(leftovers.refusal(DEVICES)).isPresent();
    assertThat(leftovers.refusal(DEVICES)).isEmpty();
    assertThat(answers).as("not for ever").hasSize(1);
  }
}
