package io.millwright.protocol.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadingsTest {
  private static final Accelerator GPU =
      new Accelerator("node1", "0", "GPU-0", "nvidia", "B200", true);

  private static Series fan(int number) {
    return Series.of(Metric.ACCELERATOR_FAN_SPEED_RATIO, GPU, Integer.toString(number));
  }

  private static Series peer(String uuid) {
    return Series.of(Metric.ACCELERATOR_PEER_INFO, GPU, uuid, "node", "ok");
  }

  /** A peer comes, another goes: what both tables have keeps its value and its time. */
  @Test
  void whatAnotherTableHasTooGoesOn() {
    SeriesTable.Builder fixed = SeriesTable.builder();
    fixed.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_UP, GPU));
    SeriesTable first = fixed.build();
    SeriesTable.Builder one = SeriesTable.builder(Metric.Tier.OPTIONAL, first);
    one.add(Cadence.ONCE, peer("GPU-1"));
    one.add(Cadence.MEDIUM, fan(0));
    one.add(Cadence.MEDIUM, fan(1));
    Readings before = new Readings(one.build());
    before.at(70);
    before.measured(0, 1);
    before.measured(1, 1);
    before.measured(2, 0.25);
    before.unavailable(3, Fault.TIMEOUT);
    before.at(90);

    SeriesTable.Builder two = SeriesTable.builder(Metric.Tier.OPTIONAL, first);
    two.add(Cadence.ONCE, peer("GPU-2"));
    two.add(Cadence.ONCE, peer("GPU-3"));
    two.add(Cadence.MEDIUM, fan(0));
    two.add(Cadence.MEDIUM, fan(1));
    two.add(Cadence.MEDIUM, fan(2));
    Sample after = Readings.continued(two.build(), before, first.size()).sample();

    assertThat(after.reading(0)).isEqualTo(new Reading.Measured(1));
    assertThat(after.unsupported(1)).as("another peer is not measured by the first").isTrue();
    assertThat(after.unsupported(2)).isTrue();
    assertThat(after.reading(3)).isEqualTo(new Reading.Measured(0.25));
    assertThat(after.readAtNanos(3)).isEqualTo(70);
    assertThat(after.reading(4)).isEqualTo(new Reading.Unavailable(Fault.TIMEOUT));
    assertThat(after.unsupported(5)).as("a fan that was not there").isTrue();
  }

  /** What could not be read a moment before, because it was leaving, is lost like the rest. */
  @Test
  void aSourceThatIsGoneHasNothingWhateverWasWrongBefore() {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.ONCE, Series.of(Metric.ACCELERATOR_UP, GPU));
    for (int number = 0; number < 3; number++) {
      table.add(Cadence.MEDIUM, fan(number));
    }
    Readings readings = new Readings(table.build());
    readings.measured(0, 1);
    readings.measured(1, 0.25);
    readings.unavailable(2, Fault.NOT_FOUND);
    readings.allUnavailable(Fault.DEVICE_LOST);
    Sample sample = readings.sample();
    assertThat(sample.measured(0)).isTrue();
    assertThat(sample.reading(1)).isEqualTo(new Reading.Unavailable(Fault.DEVICE_LOST));
    assertThat(sample.reading(2)).isEqualTo(new Reading.Unavailable(Fault.DEVICE_LOST));
    assertThat(sample.unsupported(3)).isTrue();
  }
}
