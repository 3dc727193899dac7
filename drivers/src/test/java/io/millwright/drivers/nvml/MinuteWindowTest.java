package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MinuteWindowTest {
  private static final long SECOND = 1_000_000_000L;

  private final MinuteWindow window = new MinuteWindow();

  private void at(double second, double watts) {
    window.at((long) (second * SECOND));
    window.add(watts);
  }

  @Test
  void keepsLowestHighestMeanAndCount() {
    at(100, 500);
    at(100.1, 900);
    at(101, 100);
    assertThat(window.least()).isEqualTo(100);
    assertThat(window.most()).isEqualTo(900);
    assertThat(window.mean()).isEqualTo(500);
    assertThat(window.count()).isEqualTo(3);
  }

  @Test
  void whatIsOlderThanAMinuteCountsNoMore() {
    at(100, 5000);
    at(159.9, 700);
    assertThat(window.most()).isEqualTo(5000);
    window.at(160 * SECOND);
    assertThat(window.most()).isEqualTo(700);
    assertThat(window.count()).isEqualTo(1);
    window.at(400 * SECOND);
    assertThat(window.count()).isZero();
  }

  /** The monotonic clock may begin anywhere. */
  @ParameterizedTest
  @ValueSource(doubles = {-1000, -30, 0, 1e6})
  void beginsAtAnyTime(double start) {
    for (int i = 0; i < 200; i++) {
      at(start + i, i);
    }
    assertThat(window.count()).isEqualTo(60);
    assertThat(window.least()).isEqualTo(140);
    assertThat(window.most()).isEqualTo(199);
  }
}
