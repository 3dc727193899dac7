package io.millwright.collector.ingest;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.Accelerators;
import io.millwright.collector.fleet.NodeVerdict;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A schema's known series as a table, and how rows become samples of it. One owner thread. */
final class SchemaTable {
  private static final int SERIAL = Metric.ACCELERATOR_INFO.labels().indexOf("serial");

  /** No node has as many accelerators. */
  private static final int MOST_SERIALS = 128;

  private final int[] places;
  private final Readings readings;
  private final Accelerators accelerators;
  private final NodeVerdict verdict;

  private SchemaTable(int[] places, SeriesTable table) {
    this.places = places;
    this.readings = new Readings(table);
    this.accelerators = new Accelerators(table);
    this.verdict = new NodeVerdict(table);
  }

  /** Families of a newer version are left out. */
  static SchemaTable of(SeriesSchema schema) {
    int[] places =
        IntStream.range(0, schema.size()).filter(i -> schema.series(i).isPresent()).toArray();
    return new SchemaTable(places, SeriesTable.of(Cadence.FAST, new SchemaSeries(schema, places)));
  }

  /** A series that speaks for another node than the one whose certificate it came with. */
  static Optional<Series> foreign(SeriesSchema schema, String node) {
    for (int i = 0; i < schema.size(); i++) {
      Optional<Series> series = schema.series(i).filter(s -> !belongs(s, node));
      if (series.isPresent()) {
        return series;
      }
    }
    return Optional.empty();
  }

  private static boolean belongs(Series series, String node) {
    return switch (series.metric().scope()) {
      case ACCELERATOR, NODE -> series.labelValues().getFirst().equals(node);
      case FLEET -> false;
    };
  }

  /** Serial numbers of the accelerators, as far as they are told. */
  static List<String> serials(SeriesSchema schema) {
    return IntStream.range(0, schema.size())
        .mapToObj(schema::series)
        .flatMap(Optional::stream)
        .filter(series -> series.metric() == Metric.ACCELERATOR_INFO)
        .map(series -> series.labelValues().get(SERIAL))
        .filter(serial -> !serial.isEmpty())
        .distinct()
        .sorted()
        .limit(MOST_SERIALS)
        .toList();
  }

  /** The row as a sample that arrived now. */
  Sample sample(Row row, long nowNanos) {
    readings.at(nowNanos);
    for (int i = 0; i < places.length; i++) {
      int place = places[i];
      if (row.present(place)) {
        readings.measured(i, row.value(place));
      } else {
        readings.unsupported(i);
      }
    }
    return readings.sample();
  }

  Optional<Verdict> verdict(Sample sample) {
    return verdict.of(sample);
  }

  List<AcceleratorState> accelerators(Sample sample) {
    return accelerators.of(sample);
  }
}
