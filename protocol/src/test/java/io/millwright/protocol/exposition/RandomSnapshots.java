package io.millwright.protocol.exposition;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** Snapshots as no machine would give them, from a seed. */
final class RandomSnapshots {
  private static final List<Metric> METRICS =
      Stream.of(Metric.values()).filter(m -> m.kind() != Metric.Kind.HISTOGRAM).toList();
  private static final String[] LABELS = {
    "", "a", "say \"hi\"", "C:\\temp\\", "two\nlines", "tab\there", "Küche 厨房 🚀", "}", ",", "="
  };
  private static final double[] VALUES = {
    0,
    1,
    -1,
    0.1,
    0.43,
    512.123,
    -0.0005,
    1e15,
    1e16,
    9007199254740994.0,
    1.7e308,
    4.9e-324,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    1.0 / 3,
    -273.15
  };

  private final Random random;
  private final Set<List<Object>> used = new HashSet<>();

  RandomSnapshots(long seed) {
    random = new Random(seed);
  }

  NodeSnapshot next() {
    used.clear();
    List<Sample> samples = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      samples.add(sample());
    }
    return new NodeSnapshot(1, 1, samples);
  }

  private Sample sample() {
    SeriesTable.Builder table = SeriesTable.builder();
    for (int i = random.nextInt(60); i > 0; i--) {
      Series series = series();
      if (used.add(List.of(series.metric(), series.labelValues()))) {
        table.add(Cadence.FAST, series);
      }
    }
    Readings readings = new Readings(table.build());
    for (int i = 0; i < readings.table().size(); i++) {
      read(readings, i);
    }
    return readings.sample();
  }

  private Series series() {
    Metric metric = METRICS.get(random.nextInt(METRICS.size()));
    String[] own =
        Stream.generate(this::label)
            .limit(metric.labels().size() - metric.scope().labels().size())
            .toArray(String[]::new);
    return switch (metric.scope()) {
      case ACCELERATOR ->
          Series.of(
              metric,
              new Accelerator("n1", label(), label(), "nvidia", label(), random.nextBoolean()),
              own);
      case NODE ->
          Series.of(metric, Stream.concat(Stream.of("n1"), Stream.of(own)).toArray(String[]::new));
      case FLEET -> Series.of(metric, own);
    };
  }

  private String label() {
    return LABELS[random.nextInt(LABELS.length)];
  }

  private void read(Readings readings, int index) {
    switch (random.nextInt(6)) {
      case 0 -> readings.unsupported(index);
      case 1 -> readings.unavailable(index, Fault.TIMEOUT);
      default -> readings.measured(index, value(readings.table().series(index).metric().kind()));
    }
  }

  /**
   * Of any size; but an info is always 1 and a counter counts from 0: the client insists on both.
   */
  private double value(Metric.Kind kind) {
    double any =
        random.nextBoolean()
            ? VALUES[random.nextInt(VALUES.length)]
            : Double.longBitsToDouble(random.nextLong());
    return switch (kind) {
      case INFO -> 1;
      case COUNTER -> Double.isFinite(any) ? Math.abs(any) : 3;
      case GAUGE, STATESET, HISTOGRAM -> any;
    };
  }
}
