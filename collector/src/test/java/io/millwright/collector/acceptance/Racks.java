package io.millwright.collector.acceptance;

import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.Optional;

/** Nodes as their agents tell of them, for tests. */
final class Racks {
  private Racks() {}

  /** A device in the slot of its number, with a UUID of its serial number. */
  record Board(int slot, String serial, String vbios) {}

  static SeriesTable table(String node, String product, String driver, Board... boards) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(
        Cadence.ONCE,
        Series.of(Metric.NODE_INFO, node, "h", "os", "k", "x86_64", "v", "m", product, "r", "gpu"));
    for (Board board : boards) {
      Accelerator device =
          new Accelerator(
              node,
              Integer.toString(board.slot()),
              "GPU-" + board.serial(),
              "nvidia",
              "NVIDIA B200",
              true);
      table.add(
          Cadence.ONCE,
          Series.of(
              Metric.ACCELERATOR_INFO,
              device,
              "0000:%02d:00.0".formatted(board.slot()),
              board.serial(),
              "part",
              driver,
              board.vbios(),
              "blackwell",
              "",
              Integer.toString(board.slot())));
      table.add(
          Cadence.ONCE, Series.of(Metric.ACCELERATOR_FIRMWARE_INFO, device, "gsp", "570." + 1));
    }
    return table.build();
  }

  static FleetState told(FleetState fleet, String node, SeriesTable table, long nanos, long ms) {
    return FleetReducer.apply(
        fleet,
        List.of(
            new Fact.Connected(node, 1, "1", nanos, ms),
            new Fact.Sampled(
                node, 1, nanos, ms, 0, new Readings(table).sample(), Optional.empty(), List.of())));
  }
}
