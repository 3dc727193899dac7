package io.millwright.protocol.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SampleTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private Readings readings = new Readings(SeriesTable.builder().build());

  @BeforeEach
  void makeOneSeriesOfEachCadence() {
    SeriesTable.Builder table = SeriesTable.builder();
    for (Cadence cadence : Cadence.values()) {
      table.add(cadence, Series.of(Metric.NODE_LOAD_AVERAGE, "n1", cadence.name()));
    }
    readings = new Readings(table.build());
  }

  @Test
  void isUnsupportedUntilItWasRead() {
    Sample sample = readings.sample();
    assertThat(sample.measured(0)).isFalse();
    assertThat(sample.reading(0)).isEqualTo(new Reading.Unsupported());
  }

  @Test
  void showsEachReadingAsItWasWritten() {
    readings.at(7);
    readings.measured(0, 0.5);
    readings.unsupported(1);
    readings.unavailable(2, Fault.DEVICE_LOST);
    Sample sample = readings.sample();
    assertThat(sample.measured(0)).isTrue();
    assertThat(sample.value(0)).isEqualTo(0.5);
    assertThat(sample.readAtNanos(2)).isEqualTo(7);
    assertThat(sample.reading(0)).isEqualTo(new Reading.Measured(0.5));
    assertThat(sample.reading(1)).isEqualTo(new Reading.Unsupported());
    assertThat(sample.reading(2)).isEqualTo(new Reading.Unavailable(Fault.DEVICE_LOST));
  }

  @Test
  void carriesEveryFaultThrough() {
    for (Fault fault : Fault.values()) {
      readings.unavailable(0, fault);
      assertThat(readings.sample().reading(0)).isEqualTo(new Reading.Unavailable(fault));
    }
  }

  @Test
  void doesNotChangeWhenTheReadingsDo() {
    readings.measured(0, 1);
    Sample sample = readings.sample();
    readings.measured(0, 2);
    assertThat(sample.value(0)).isEqualTo(1);
  }

  /** As a call that was demoted: its value stands for longer, and no longer than it must. */
  @Test
  void whatRestsGrowsOldByTheSlowerCadence() {
    readings.at(SECOND);
    readings.measured(0, 1);
    readings.resting(0, Cadence.MEDIUM);
    Sample sample = readings.sample();
    assertThat(sample.aged(9 * SECOND, Periods.STANDARD).measured(0)).isTrue();
    assertThat(sample.aged(12 * SECOND, Periods.STANDARD).measured(0)).isFalse();
    readings.measured(0, 1);
    assertThat(readings.sample().aged(9 * SECOND, Periods.STANDARD).measured(0)).isFalse();
    readings.unavailable(0, Fault.TIMEOUT);
    readings.resting(0, Cadence.SLOW);
    assertThat(readings.sample().measured(0)).as("what was not read stays unread").isFalse();
  }

  @Test
  void dropsWhatIsOlderThanTwoOfItsPeriodsAndTheJitter() {
    readings.at(SECOND);
    for (int i = 0; i < Cadence.values().length; i++) {
      readings.measured(i, i);
    }
    Sample sample = readings.sample();
    long fastLimit = SECOND + 2 * SECOND + SECOND / 2;
    assertThat(measured(sample.aged(fastLimit, Periods.STANDARD))).isEqualTo("1111");
    assertThat(measured(sample.aged(fastLimit + 1, Periods.STANDARD))).isEqualTo("0111");
    long mediumLimit =
        SECOND + 2 * Periods.STANDARD.nanos(Cadence.MEDIUM) + Periods.STANDARD.fast().toNanos() / 2;
    assertThat(measured(sample.aged(mediumLimit, Periods.STANDARD))).isEqualTo("0111");
    assertThat(measured(sample.aged(mediumLimit + 1, Periods.STANDARD))).isEqualTo("0011");
    assertThat(measured(sample.aged(3600 * SECOND, Periods.STANDARD))).isEqualTo("0001");
    assertThat(sample.aged(3600 * SECOND, Periods.STANDARD).reading(0))
        .isEqualTo(new Reading.Unavailable(Fault.TIMEOUT));
    assertThat(measured(sample)).isEqualTo("1111");
  }

  @Test
  void isTheSameInstanceWhereNothingIsOld() {
    readings.at(SECOND);
    readings.measured(0, 1);
    Sample sample = readings.sample();
    assertThat(sample.aged(2 * SECOND, Periods.STANDARD)).isSameAs(sample);
  }

  @Test
  void agesAcrossTheWrapOfTheMonotonicClock() {
    readings.at(Long.MAX_VALUE);
    readings.measured(0, 1);
    assertThat(readings.sample().aged(Long.MIN_VALUE + SECOND, Periods.STANDARD).measured(0))
        .isTrue();
    assertThat(readings.sample().aged(Long.MIN_VALUE + 3 * SECOND, Periods.STANDARD).measured(0))
        .isFalse();
  }

  @Test
  void refusesPeriodsOutOfOrder() {
    Duration one = Duration.ofSeconds(1);
    assertThatIllegalArgumentException().isThrownBy(() -> new Periods(Duration.ZERO, one, one));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Periods(one, one, Duration.ofMillis(999)));
  }

  private static String measured(Sample sample) {
    StringBuilder bits = new StringBuilder();
    for (int i = 0; i < sample.table().size(); i++) {
      bits.append(sample.measured(i) ? '1' : '0');
    }
    return bits.toString();
  }
}
