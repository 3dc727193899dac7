package io.millwright.agent.self;

import io.millwright.protocol.vocabulary.Metric;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.core.metrics.MetricWithFixedMetadata;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;

/**
 * Families of the client's registry with the names, labels and words of the catalogue. All labels
 * are variable ones, {@code node} too: so a series is absent until its first value.
 */
final class Families {
  private final PrometheusRegistry registry;

  Families(PrometheusRegistry registry) {
    this.registry = registry;
  }

  Gauge gauge(Metric metric) {
    return described(Gauge.builder(), metric).register(registry);
  }

  Counter counter(Metric metric) {
    return described(Counter.builder(), metric).register(registry);
  }

  Info info(Metric metric) {
    return described(Info.builder(), metric).register(registry);
  }

  Histogram histogram(Metric metric, double... upperBounds) {
    return described(Histogram.builder().classicUpperBounds(upperBounds).classicOnly(), metric)
        .register(registry);
  }

  private static <B extends MetricWithFixedMetadata.Builder<B, ?>> B described(
      B builder, Metric metric) {
    B described =
        builder
            .name(metric.familyName())
            .help(metric.help())
            .labelNames(metric.labels().toArray(String[]::new));
    return metric.unit().named() ? described.unit(new Unit(metric.unit().word())) : described;
  }
}
