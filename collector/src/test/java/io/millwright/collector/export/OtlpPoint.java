package io.millwright.collector.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.DataPointFlags;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * A data point as OpenTelemetry's own classes read it.
 *
 * @param metric it belongs to, without its points
 */
record OtlpPoint(
    Map<String, String> resource,
    Metric metric,
    Map<String, String> attributes,
    NumberDataPoint point) {

  /** What a receiver reads, all of which it must know. */
  static List<OtlpPoint> of(byte[] body) {
    byte[] bytes;
    ExportMetricsServiceRequest request;
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(body))) {
      bytes = gzip.readAllBytes();
      request = ExportMetricsServiceRequest.parseFrom(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(request.toByteArray()).as("nothing unknown, all in its order").isEqualTo(bytes);
    List<OtlpPoint> points = new ArrayList<>();
    for (ResourceMetrics resource : request.getResourceMetricsList()) {
      Set<String> names = new HashSet<>();
      for (ScopeMetrics scope : resource.getScopeMetricsList()) {
        assertThat(scope.getScope().getName()).isEqualTo("io.millwright");
        for (Metric metric : scope.getMetricsList()) {
          assertThat(names.add(metric.getName())).as("%s once", metric.getName()).isTrue();
          points(resource, metric, points);
        }
      }
    }
    assertThat(points).as("no empty request").isNotEmpty();
    return points;
  }

  private static void points(ResourceMetrics resource, Metric metric, List<OtlpPoint> into) {
    List<NumberDataPoint> points =
        switch (metric.getDataCase()) {
          case GAUGE -> metric.getGauge().getDataPointsList();
          case SUM -> metric.getSum().getDataPointsList();
          default -> throw new AssertionError(metric.getDataCase());
        };
    assertThat(points).as("points of %s", metric.getName()).isNotEmpty();
    if (metric.hasSum()) {
      assertThat(metric.getSum().getAggregationTemporality())
          .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    }
    for (NumberDataPoint point : points) {
      into.add(
          new OtlpPoint(
              texts(resource.getResource().getAttributesList()),
              metric,
              texts(point.getAttributesList()),
              point));
    }
  }

  private static Map<String, String> texts(List<KeyValue> pairs) {
    Map<String, String> texts = new TreeMap<>();
    for (KeyValue pair : pairs) {
      assertThat(texts.put(pair.getKey(), pair.getValue().getStringValue()))
          .as("%s comes once", pair.getKey())
          .isNull();
    }
    return texts;
  }

  String name() {
    return metric.getName();
  }

  /** Of which series. */
  String series() {
    return "%s %s %s".formatted(resource.get("host.name"), name(), attributes);
  }

  boolean ended() {
    return (point.getFlags() & DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK_VALUE) != 0;
  }

  double value() {
    assertThat(point.hasAsDouble()).isTrue();
    return point.getAsDouble();
  }

  long wallMs() {
    return millis(point.getTimeUnixNano());
  }

  /** 0 where it does not say. */
  long sinceMs() {
    return millis(point.getStartTimeUnixNano());
  }

  private static long millis(long nanos) {
    assertThat(nanos % 1_000_000).isZero();
    return nanos / 1_000_000;
  }

  String kind() {
    return metric.hasGauge()
        ? "gauge"
        : metric.getSum().getIsMonotonic() ? "counter" : "updowncounter";
  }
}
