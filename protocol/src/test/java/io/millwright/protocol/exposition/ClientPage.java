package io.millwright.protocol.exposition;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page that the Prometheus client writes of the same snapshot. */
final class ClientPage {
  /** A measured series and its value. */
  private record Point(Series series, double value) {
    Labels labels() {
      Labels labels = Labels.of(series.metric().labels(), series.labelValues());
      return series.simulated() ? labels.add("simulated", "true") : labels;
    }
  }

  private ClientPage() {}

  static String write(NodeSnapshot snapshot, TextFormat format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writer(format).write(out, snapshots(snapshot), EscapingScheme.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static ExpositionFormatWriter writer(TextFormat format) {
    return switch (format) {
      case PROMETHEUS -> PrometheusTextFormatWriter.create();
      case OPENMETRICS -> OpenMetricsTextFormatWriter.create();
    };
  }

  private static MetricSnapshots snapshots(NodeSnapshot snapshot) {
    Map<Metric, List<Point>> families = new EnumMap<>(Metric.class);
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        if (sample.reading(i) instanceof Reading.Measured(double value)) {
          Series series = sample.table().series(i);
          families
              .computeIfAbsent(series.metric(), m -> new ArrayList<>())
              .add(new Point(series, value));
        }
      }
    }
    List<MetricSnapshot> all = new ArrayList<>();
    families.forEach((metric, points) -> all.add(snapshot(metric, points)));
    return new MetricSnapshots(all);
  }

  private static MetricSnapshot snapshot(Metric metric, List<Point> points) {
    MetricMetadata metadata = new MetricMetadata(name(metric), metric.help(), unit(metric));
    return switch (metric.kind()) {
      case COUNTER ->
          new CounterSnapshot(
              metadata,
              points.stream()
                  .map(p -> new CounterDataPointSnapshot(p.value(), p.labels(), null, 0))
                  .toList());
      case INFO ->
          new InfoSnapshot(
              metadata, points.stream().map(p -> new InfoDataPointSnapshot(p.labels())).toList());
      case GAUGE, STATESET ->
          new GaugeSnapshot(
              metadata,
              points.stream()
                  .map(p -> new GaugeDataPointSnapshot(p.value(), p.labels(), null))
                  .toList());
      case HISTOGRAM -> throw new IllegalArgumentException(metric.familyName());
    };
  }

  private static String name(Metric metric) {
    return switch (metric.kind()) {
      case COUNTER -> metric.familyName().replaceAll("_total$", "");
      case INFO -> metric.familyName().replaceAll("_info$", "");
      case GAUGE, STATESET, HISTOGRAM -> metric.familyName();
    };
  }

  private static @Nullable Unit unit(Metric metric) {
    return metric.unit().named() ? new Unit(metric.unit().word()) : null;
  }
}
