package io.millwright.agent.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.health.XidTable;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Snapshots that a test writes down, and their pages. */
final class Snapshots {
  static final XidTable XIDS = RuleCatalogue.load().xids();
  static final Accelerator FIRST =
      new Accelerator("n1", "0", "GPU-a", "nvidia", "NVIDIA B200", false);
  static final Accelerator SECOND =
      new Accelerator("n1", "1", "GPU-b", "nvidia", "NVIDIA \"B200\"", false);

  private final Map<Series, Double> values = new LinkedHashMap<>();

  static DcgmDialect classic() {
    return DcgmFields.packaged().classic("Hostname", XIDS);
  }

  static DcgmDialect release49() {
    return DcgmFields.packaged().release49(Map.of(), XIDS);
  }

  Snapshots with(Metric metric, Accelerator device, double value, String... own) {
    values.put(Series.of(metric, device, own), value);
    return this;
  }

  Snapshots known(Accelerator device, String bus, String minor) {
    return with(
        Metric.ACCELERATOR_INFO,
        device,
        1,
        bus,
        "165",
        "900-2G",
        "580.82.07",
        "97.00",
        "blackwell",
        "0",
        minor);
  }

  Readings readings() {
    SeriesTable.Builder table = SeriesTable.builder();
    values.keySet().forEach(series -> table.add(Cadence.FAST, series));
    Readings readings = new Readings(table.build());
    readings.at(1);
    for (int i = 0; i < readings.table().size(); i++) {
      readings.measured(i, values.getOrDefault(readings.table().series(i), Double.NaN));
    }
    return readings;
  }

  static NodeSnapshot snapshot(Readings readings) {
    return new NodeSnapshot(1, 1, List.of(readings.sample()));
  }

  NodeSnapshot snapshot() {
    return snapshot(readings());
  }

  static String page(NodeSnapshot snapshot, Dialect dialect) {
    return page(snapshot, new DialectWriter(dialect));
  }

  static String page(NodeSnapshot snapshot, DialectWriter writer) {
    PageBuffer buffer = new PageBuffer(16);
    int written = writer.write(snapshot, buffer);
    String page = new String(buffer.toByteArray(), UTF_8);
    long lines = page.lines().filter(line -> !line.startsWith("#")).count();
    if (written != lines) {
      throw new AssertionError(written + " series are said to be written, " + lines + " are");
    }
    return page;
  }

  /** The lines of a family, without their labels but for those behind the host's. */
  static List<String> numbers(String page, String family) {
    return page.lines()
        .filter(line -> line.startsWith(family + "{"))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .toList();
  }
}
