package io.millwright.collector.join;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** So many in any second. */
class PaceTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void letsABurstInAndThenOneAsTheOldestIsASecondAgo() {
    Pace pace = new Pace(2);
    pace.pass(100);
    assertThat(pace.left(100)).isZero();
    pace.pass(200);

    assertThat(pace.left(300)).isEqualTo(SECOND - 200);
    assertThat(pace.left(SECOND + 100)).isZero();
    pace.pass(SECOND + 100);
    assertThat(pace.left(SECOND + 100)).isEqualTo(100);
  }

  /** Monotonic time may begin below zero. */
  @Test
  void noSecondEverHoldsMore() {
    long seed = new Random().nextLong();
    System.out.println("PaceTest.noSecondEverHoldsMore seed=" + seed);
    Random random = new Random(seed);
    Pace pace = new Pace(8);
    Deque<Long> passed = new ArrayDeque<>();
    long now = -5 * SECOND;
    for (int i = 0; i < 5000; i++) {
      now += random.nextLong(SECOND / 4) + pace.left(now) / (1 + random.nextInt(2));
      if (pace.left(now) == 0) {
        pace.pass(now);
        passed.add(now);
      }
      while (now - passed.getFirst() >= SECOND) {
        passed.removeFirst();
      }
      assertThat(passed.size()).as("seed %d", seed).isLessThanOrEqualTo(8);
    }
  }
}
