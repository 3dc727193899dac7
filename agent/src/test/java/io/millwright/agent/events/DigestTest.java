package io.millwright.agent.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.event.NodeEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigestTest {
  private final List<NodeEvent> told = new ArrayList<>();
  private final Digest digest = new Digest(List.of(), 0);

  private static long sum(List<NodeEvent> events) {
    return events.stream().mapToLong(NodeEvent::count).sum();
  }

  @Test
  void theFirstIsToldAtOnceAndTheRestOnceAMinute() {
    digest.take(Samples.xid("GPU-1", "31", 1), 1_000, told::add);
    assertThat(told).containsExactly(Samples.xid("GPU-1", "31", 1));
    for (int i = 2; i <= 500; i++) {
      digest.take(Samples.xid("GPU-1", "31", i), 1_000 + i, told::add);
      digest.step(1_000 + i, told::add);
    }
    assertThat(told).hasSize(1);
    digest.step(1_000 + Digest.APART_MS, told::add);
    assertThat(told).hasSize(2);
    assertThat(told.getLast().count()).isEqualTo(499);
    assertThat(told.getLast().firstMs()).isEqualTo(2);
    assertThat(told.getLast().lastMs()).isEqualTo(500);
    digest.step(1_000 + 2 * Digest.APART_MS, told::add);
    digest.take(Samples.xid("GPU-1", "31", 900), 1_001 + 2 * Digest.APART_MS, told::add);
    assertThat(told).as("quiet for a minute: the next is a first again").hasSize(3);
  }

  @Test
  void anotherDeviceCodeOrInstanceIsTold() {
    NodeEvent one = Samples.xid("GPU-1", "31", 1);
    digest.take(one, 0, told::add);
    digest.take(Samples.xid("GPU-2", "31", 1), 0, told::add);
    digest.take(Samples.xid("GPU-1", "79", 1), 0, told::add);
    digest.take(
        new NodeEvent(
            one.bootId(),
            one.kind(),
            one.severity(),
            one.device(),
            one.accelerator(),
            "gi2ci0",
            one.code(),
            1,
            1,
            1,
            one.job(),
            one.message()),
        0,
        told::add);
    assertThat(told).hasSize(4);
  }

  /** More kinds than there is room for, at random: nothing is lost and nothing counts twice. */
  @Test
  void whatIsToldAddsUpToWhatCame() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Digest one = digest;
    long came = 0;
    long now = 0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextInt(200);
      one.take(Samples.xid("GPU-" + random.nextInt(3_000), "31", now), now, told::add);
      came++;
      one.step(now, told::add);
      if (random.nextInt(2_000) == 0) {
        one = new Digest(one.waiting(), now); // the agent was started anew
      }
      if (i % 1_000 == 0) {
        assertThat(sum(told) + sum(one.waiting())).as("seed %d", seed).isEqualTo(came);
      }
    }
    one.flush(told::add);
    assertThat(sum(told)).as("seed %d", seed).isEqualTo(came);
    assertThat(one.waiting()).isEmpty();
  }
}
