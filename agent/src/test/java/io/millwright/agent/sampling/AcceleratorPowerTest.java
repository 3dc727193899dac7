package io.millwright.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AcceleratorPowerTest {
  private final AcceleratorPower power = new AcceleratorPower("n1");

  /** Of one device: its own power, and that of the module that it shares with others. */
  private static Sample device(String index, Reading own) {
    SeriesTable.Builder table = SeriesTable.builder();
    for (String scope : List.of("gpu", "module")) {
      table.add(
          Cadence.FAST,
          new Series(
              Metric.ACCELERATOR_POWER_WATTS,
              List.of("n1", index, "GPU-" + index, "nvidia", "GB200", scope),
              false));
    }
    Readings readings = new Readings(table.build());
    readings.measured(1, 5000);
    switch (own) {
      case Reading.Measured(double watts) -> readings.measured(0, watts);
      case Reading.Unavailable(Fault fault) -> readings.unavailable(0, fault);
      case Reading.Unsupported() -> readings.unsupported(0);
    }
    return readings.sample();
  }

  private static Sample counted(String vendor, double devices) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.MEDIUM, Series.of(Metric.NODE_ACCELERATORS, "n1", vendor, "model"));
    Readings readings = new Readings(table.build());
    readings.measured(0, devices);
    return readings.sample();
  }

  /** Empty where the snapshot got nothing. */
  private Optional<Reading> sum(Sample... samples) {
    NodeSnapshot completed = power.apply(new NodeSnapshot(1, 7, List.of(samples)));
    if (completed.samples().size() == samples.length) {
      return Optional.empty();
    }
    Sample last = completed.samples().getLast();
    assertThat(last.table().series(0).labelValues()).containsExactly("n1", "accelerators");
    assertThat(last.readAtNanos(0)).isEqualTo(7);
    return Optional.of(last.reading(0));
  }

  @Test
  void wholeDevicesAreSummedAndNothingElse() {
    assertThat(
            sum(
                device("0", new Reading.Measured(700)),
                device("0:gi1", new Reading.Measured(100)),
                device("1", new Reading.Measured(650.5)),
                counted("nvidia", 2),
                counted("aws", 4)))
        .contains(new Reading.Measured(1350.5));
  }

  @Test
  void whileOneCannotBeReadThereIsNoSum() {
    assertThat(
            sum(
                device("0", new Reading.Measured(700)),
                device("1", new Reading.Unavailable(Fault.TIMEOUT)),
                counted("nvidia", 2)))
        .contains(new Reading.Unavailable(Fault.OTHER));
  }

  /** At the start lanes open one after another; and nobody knows yet how many there will be. */
  @Test
  void whileOneWasNotReadYetThereIsNoSum() {
    Sample first = device("0", new Reading.Measured(700));
    assertThat(sum(first, counted("nvidia", 2))).contains(new Reading.Unavailable(Fault.OTHER));
    assertThat(sum(first)).contains(new Reading.Unavailable(Fault.OTHER));
    assertThat(sum(first, device("1", new Reading.Unsupported()), counted("nvidia", 2)))
        .contains(new Reading.Unavailable(Fault.OTHER));
  }

  @Test
  void whereNoDeviceTellsItsPowerThereIsNothing() {
    assertThat(sum(counted("aws", 4))).isEmpty();
    assertThat(sum()).isEmpty();
  }
}
