package io.millwright.collector.export;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/**
 * One request that is being made: {@code
 * opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest}, a resource for each node,
 * in it each metric once with all its points, compressed by gzip.
 */
final class MetricsRequest implements Encoding.Request {
  private static final String SCOPE = "io.millwright";
  private static final long CUMULATIVE = 2;
  private static final long NO_RECORDED_VALUE = 1;
  private static final int FIXED = 1 + Long.BYTES; // tag and 8 bytes
  private static final int KEY = 2; // the instrument's number, in front of the attributes
  private static final long NANOS = Duration.ofMillis(1).toNanos();

  /** What a metric and a resource take besides their points, about. */
  private static final int HEAD = 256;

  private final Map<String, String> external;
  private final Map<Source, SortedMap<Integer, Proto>> sources = new LinkedHashMap<>();
  private int samples;
  private int size;
  private long oldestMs = Long.MAX_VALUE;

  /**
   * @param external attributes of the site, which each resource gets
   */
  MetricsRequest(Map<String, String> external) {
    this.external = new TreeMap<>(external);
  }

  @Override
  public void add(Source source, Point point) {
    byte[] key = point.key();
    int number = ((key[0] & 0xff) << 8) | (key[1] & 0xff);
    Proto points =
        sources
            .computeIfAbsent(source, first -> new TreeMap<>())
            .computeIfAbsent(number, first -> new Proto(1024));
    size += points.size() == 0 ? HEAD : 0;
    int before = points.size();
    append(points, key, point);
    size += points.size() - before;
    samples++;
    oldestMs = Math.min(oldestMs, point.wallMs());
  }

  /** A NumberDataPoint, its fields in their order. */
  private static void append(Proto points, byte[] key, Point point) {
    int since = point.sinceMs() == 0 ? 0 : FIXED;
    points.head(1, since + FIXED + (point.stale() ? 2 : FIXED) + key.length - KEY);
    if (point.sinceMs() != 0) {
      points.fixed64(2, point.sinceMs() * NANOS);
    }
    points.fixed64(3, point.wallMs() * NANOS);
    if (!point.stale()) {
      points.fixed64(4, point.bits());
    }
    points.raw(Arrays.copyOfRange(key, KEY, key.length));
    if (point.stale()) {
      points.int64(8, NO_RECORDED_VALUE);
    }
  }

  @Override
  public int samples() {
    return samples;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public long oldestMs() {
    return oldestMs;
  }

  @Override
  public byte[] finish() {
    Proto request = new Proto(size + HEAD);
    sources.forEach((source, metrics) -> request.message(1, resource(source, metrics)));
    sources.clear();
    samples = 0;
    size = 0;
    oldestMs = Long.MAX_VALUE;
    return gzip(request);
  }

  private Proto resource(Source source, SortedMap<Integer, Proto> metrics) {
    Proto resource = new Proto(HEAD);
    Map<String, String> attributes = new LinkedHashMap<>(external);
    attributes.put("host.name", source.node());
    attributes.put("service.name", "millwright-agent");
    attributes.put("service.instance.id", source.node());
    attributes.put("service.version", source.version());
    attributes.forEach((name, value) -> OtlpEncoding.attribute(resource, 1, name, value));
    Proto scope = new Proto(HEAD);
    scope.text(1, SCOPE);
    Proto ofScope = new Proto(1 << 16);
    ofScope.message(1, scope);
    metrics.forEach(
        (number, points) -> ofScope.message(2, metric(OtlpEncoding.instrument(number), points)));
    Proto all = new Proto(ofScope.size() + HEAD);
    all.message(1, resource);
    all.message(2, ofScope);
    return all;
  }

  private static Proto metric(Instrument instrument, Proto points) {
    Proto metric = new Proto(points.size() + HEAD);
    metric.text(1, instrument.name());
    metric.text(2, instrument.description());
    if (!instrument.unit().isEmpty()) {
      metric.text(3, instrument.unit());
    }
    switch (instrument.shape()) {
      case GAUGE -> metric.message(5, points);
      case COUNTER -> {
        points.int64(2, CUMULATIVE);
        points.int64(3, 1);
        metric.message(7, points);
      }
      case UP_DOWN_COUNTER -> {
        points.int64(2, CUMULATIVE);
        metric.message(7, points);
      }
    }
    return metric;
  }

  private static byte[] gzip(Proto request) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(request.size() / 8 + HEAD);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(request.array(), 0, request.size());
    } catch (IOException e) {
      throw new UncheckedIOException("compressing in memory", e);
    }
    return out.toByteArray();
  }
}
