package io.millwright.simulator.judgement;

import io.millwright.agent.health.Tally;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.List;

/** Of what a tray sends, what tells its devices and the codes counted on them. */
final class CountedSample {
  private final String node;
  private final int devices;
  private List<String> codes = List.of();
  private Readings readings = new Readings(SeriesTable.builder().build());

  CountedSample(String node, int devices) {
    this.node = node;
    this.devices = devices;
  }

  /** The same table as long as no code is new. */
  Sample of(List<Tally> tallies) {
    List<String> now = tallies.stream().map(tally -> tally.device() + " " + tally.label()).toList();
    if (!now.equals(codes) || readings.table().size() == 0) {
      codes = now;
      readings = new Readings(table(tallies));
      for (int device = 0; device < devices; device++) {
        readings.measured(device, 1);
      }
    }
    for (int i = 0; i < tallies.size(); i++) {
      readings.measured(devices + i, (double) tallies.get(i).count());
    }
    return readings.sample();
  }

  private SeriesTable table(List<Tally> tallies) {
    SeriesTable.Builder table = SeriesTable.builder();
    List<Accelerator> known = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      Accelerator device =
          new Accelerator(
              node,
              Integer.toString(i),
              Profile.GB200.uuid(node, i),
              "nvidia",
              Profile.GB200.model(),
              true);
      known.add(device);
      table.add(
          Cadence.ONCE,
          Series.of(
              Metric.ACCELERATOR_INFO,
              device,
              "",
              Profile.GB200.serial(node, i),
              "",
              "",
              "",
              "",
              "",
              ""));
    }
    for (Tally tally : tallies) {
      known.stream()
          .filter(device -> device.uuid().equals(tally.device()))
          .findFirst()
          .ifPresent(device ->
              table.add(
                  Cadence.FAST,
                  Series.of(
                      Metric.ACCELERATOR_ERROR_EVENTS_TOTAL,
                      device,
                      "xid",
                      tally.label(),
                      "fatal")));
    }
    return table.build();
  }
}
