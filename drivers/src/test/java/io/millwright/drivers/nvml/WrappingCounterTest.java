package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WrappingCounterTest {
  private static final double FULL = 0x1p32;

  @Test
  void beginsWithWhatTheCounterSays() {
    assertThat(new WrappingCounter().total(123)).isEqualTo(123);
  }

  @Test
  void aFallFromBelow32BitsIsAWrap() {
    WrappingCounter counter = new WrappingCounter();
    counter.total(FULL - 100);
    assertThat(counter.total(900)).isEqualTo(FULL + 900);
    assertThat(counter.total(901)).isEqualTo(FULL + 901);
  }

  @Test
  void aFallFromAbove32BitsIsABeginning() {
    WrappingCounter counter = new WrappingCounter();
    counter.total(3 * FULL);
    assertThat(counter.total(5)).isEqualTo(3 * FULL + 5);
  }

  /** Whatever passes between two readings, as long as it is less than the counter holds. */
  @Test
  void followsAnyTrafficThatWrapsAtMostOnceBetweenReadings() {
    long seed = new SplittableRandom().nextLong();
    System.out.println("seed of WrappingCounterTest: " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    WrappingCounter counter = new WrappingCounter();
    long bytes = random.nextLong(1L << 32);
    assertThat(counter.total((double) bytes)).isEqualTo((double) bytes);
    for (int i = 0; i < 1000; i++) {
      bytes += random.nextLong(1L << 32);
      assertThat(counter.total((double) (bytes & 0xFFFFFFFFL))).isEqualTo((double) bytes);
    }
  }
}
