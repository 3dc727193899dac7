package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.frames.Position;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What counts as having come. */
class ReceivedTest {
  private final Received received = new Received();

  /** In any order with few gaps it is exact. */
  @Test
  void eachComesOnce() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("seed of the order: " + seed);
    Random random = new Random(seed);
    Set<Position> come = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      Position at = new Position(random.nextInt(3), 1 + random.nextInt(60));
      assertThat(received.add(at)).as("seed %d", seed).isEqualTo(come.add(at));
    }
  }

  /** Beyond the bound it forgets the lowest, and never takes for come what has not. */
  @Test
  void whatWasForgottenCountsAsNotCome() {
    for (long sequence = 1; sequence <= 2 * Received.MOST_RANGES + 1; sequence += 2) {
      assertThat(received.add(new Position(1, sequence))).isTrue();
    }
    for (long sequence = 2; sequence <= 2 * Received.MOST_RANGES; sequence += 2) {
      assertThat(received.add(new Position(1, sequence))).as("%d", sequence).isTrue();
    }
    assertThat(received.add(new Position(1, 2 * Received.MOST_RANGES + 1))).isFalse();
  }

  @Test
  void theIncarnationLongestUnusedIsForgotten() {
    for (long start = 1; start <= Received.MOST_INCARNATIONS; start++) {
      received.add(new Position(start, 1));
    }
    assertThat(received.add(new Position(1, 1))).isFalse();
    received.add(new Position(99, 1));
    assertThat(received.add(new Position(1, 1))).isFalse();
    assertThat(received.add(new Position(2, 1))).isTrue();
  }
}
