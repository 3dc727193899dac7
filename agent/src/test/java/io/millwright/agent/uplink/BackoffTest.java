package io.millwright.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Pauses between attempts. */
class BackoffTest {
  @Test
  void theBoundDoublesToHalfAMinuteAndBeginsAnew() {
    long seed = new Random().nextLong();
    System.out.println("backoff seed " + seed);
    Backoff backoff = new Backoff(new Random(seed));
    long bound = 500;
    for (int i = 0; i < 12; i++) {
      assertThat(backoff.next(Duration.ZERO))
          .isBetween(Duration.ofMillis(1), Duration.ofMillis(bound + 1));
      bound = Math.min(30_000, bound * 2);
    }
    backoff.restart();
    assertThat(backoff.next(Duration.ZERO)).isLessThanOrEqualTo(Duration.ofMillis(501));
    assertThat(backoff.next(Duration.ofSeconds(9))).isGreaterThan(Duration.ofSeconds(9));
  }

  @Test
  void aFleetDoesNotComeBackAtOneMoment() {
    long least = Long.MAX_VALUE;
    long most = 0;
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      Backoff backoff = new Backoff(random);
      long pause = 0;
      for (int attempt = 0; attempt < 7; attempt++) {
        pause = backoff.next(Duration.ZERO).toMillis();
      }
      least = Math.min(least, pause);
      most = Math.max(most, pause);
    }
    assertThat(most - least).isGreaterThan(15_000);
  }
}
