package io.millwright.protocol.exposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.protocol.vocabulary.Metric;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A histogram as the Prometheus client writes it. */
class HistogramTextTest {
  private static final Metric METRIC = Metric.COLLECTOR_STORE_COMMIT_SECONDS;

  private static String written(double[] bounds, long[] counts, double sum, TextFormat format) {
    PageBuffer page = new PageBuffer(16);
    HistogramText.write(METRIC, List.of(), bounds, counts, sum, format, page);
    return new String(page.toByteArray(), StandardCharsets.UTF_8);
  }

  private static String byTheClient(TextFormat format) throws IOException {
    HistogramSnapshot snapshot =
        HistogramSnapshot.builder()
            .name(METRIC.familyName())
            .help(METRIC.help())
            .unit(Unit.SECONDS)
            .dataPoint(
                HistogramSnapshot.HistogramDataPointSnapshot.builder()
                    .classicHistogramBuckets(
                        ClassicHistogramBuckets.of(
                            new double[] {0.001, 0.5, 1, Double.POSITIVE_INFINITY},
                            new long[] {3, 0, 2, 7}))
                    .sum(12.5)
                    .build())
            .build();
    ExpositionFormatWriter writer =
        switch (format) {
          case PROMETHEUS -> PrometheusTextFormatWriter.create();
          case OPENMETRICS -> OpenMetricsTextFormatWriter.create();
        };
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.write(out, new MetricSnapshots(snapshot), EscapingScheme.DEFAULT);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void labelsStandBeforeTheBound() {
    PageBuffer page = new PageBuffer(16);
    HistogramText.write(
        Metric.JOB_QUEUE_WAIT_SECONDS,
        List.of("a\"b"),
        new double[] {1},
        new long[] {2, 3},
        7.5,
        TextFormat.PROMETHEUS,
        page);
    assertThat(new String(page.toByteArray(), StandardCharsets.UTF_8).lines())
        .contains(
            "millwright_job_queue_wait_seconds_bucket{partition=\"a\\\"b\",le=\"1.0\"} 2",
            "millwright_job_queue_wait_seconds_bucket{partition=\"a\\\"b\",le=\"+Inf\"} 5",
            "millwright_job_queue_wait_seconds_count{partition=\"a\\\"b\"} 5",
            "millwright_job_queue_wait_seconds_sum{partition=\"a\\\"b\"} 7.5");
  }

  private static List<String> lines(String page) {
    return page.lines().filter(line -> !line.equals("# EOF")).sorted().toList();
  }

  @ParameterizedTest
  @EnumSource(TextFormat.class)
  void isAsTheClientWritesIt(TextFormat format) throws IOException {
    String ours = written(new double[] {0.001, 0.5, 1}, new long[] {3, 0, 2, 7}, 12.5, format);
    assertThat(lines(ours)).isEqualTo(lines(byTheClient(format)));
    assertThat(ours).contains("_bucket{le=\"0.5\"} 3\n").contains("_bucket{le=\"+Inf\"} 12\n");
  }

  @Test
  void aCountTooFewIsRefused() {
    assertThatThrownBy(
            () -> written(new double[] {1, 2}, new long[] {1, 2}, 0, TextFormat.PROMETHEUS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 bounds, 2 counts and 0 labels");
  }
}
