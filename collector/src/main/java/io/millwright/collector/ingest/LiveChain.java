package io.millwright.collector.ingest;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.Accelerators;
import io.millwright.collector.fleet.NodeVerdict;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.SampleDecoder;
import io.millwright.protocol.frames.SampleResult;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The live samples of one schema: its chain, its known series as a table, and the newest sample as
 * readings. One owner thread.
 */
final class LiveChain {
  private static final int SERIAL = Metric.ACCELERATOR_INFO.labels().indexOf("serial");

  /** No node has as many accelerators. */
  private static final int MOST_SERIALS = 128;

  private final SampleDecoder decoder;
  private final LastSample last;
  private final Accelerators accelerators;
  private final NodeVerdict verdict;

  private LiveChain(SampleDecoder decoder, LastSample last) {
    this.decoder = decoder;
    this.last = last;
    this.accelerators = new Accelerators(last);
    this.verdict = new NodeVerdict(last.table());
  }

  /** Families of a newer version are left out. */
  static LiveChain of(SeriesSchema schema) {
    KnownPlaces places = KnownPlaces.of(schema);
    SeriesTable table = SeriesTable.of(Cadence.FAST, new SchemaSeries(schema, places));
    SampleDecoder decoder = new SampleDecoder(schema);
    return new LiveChain(decoder, new LastSample(table, places, decoder));
  }

  SeriesSchema schema() {
    return decoder.schema();
  }

  /** Position of the last sample. */
  Position at() {
    return decoder.at();
  }

  /** When the agent took it, by the agent's clocks. */
  Moment taken() {
    return decoder.taken();
  }

  /** A sample that is whole is shown as one that arrived now; the next takes its place. */
  SampleResult apply(Frame.Key key, long nowNanos) {
    return last.apply(key, nowNanos);
  }

  /** The same. */
  SampleResult apply(Frame.Delta delta, long nowNanos) {
    return last.apply(delta, nowNanos);
  }

  /** A series that speaks for another node than the one whose certificate it came with. */
  static Optional<Series> foreign(SeriesSchema schema, String node) {
    for (int i = 0; i < schema.size(); i++) {
      Optional<Metric> metric = schema.metric(i);
      if (metric.isPresent() && !belongs(metric.get(), schema, i, node)) {
        return schema.series(i);
      }
    }
    return Optional.empty();
  }

  private static boolean belongs(Metric metric, SeriesSchema schema, int index, String node) {
    return switch (metric.scope()) {
      case ACCELERATOR, NODE -> schema.label(index, 0).equals(node);
      case FLEET -> false;
    };
  }

  /** Serial numbers of the accelerators, as far as they are told. */
  static List<String> serials(SeriesSchema schema) {
    return IntStream.range(0, schema.size())
        .filter(i -> schema.metric(i).filter(Metric.ACCELERATOR_INFO::equals).isPresent())
        .mapToObj(i -> schema.label(i, SERIAL))
        .filter(serial -> !serial.isEmpty())
        .distinct()
        .sorted()
        .limit(MOST_SERIALS)
        .toList();
  }

  Readout last() {
    return last;
  }

  Optional<Verdict> verdict() {
    return verdict.of(last);
  }

  List<AcceleratorState> accelerators() {
    return accelerators.now();
  }
}
