package io.millwright.simulator.judgement;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Unit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A series of a device or of the node as a trace writes it: the family without what all families
 * begin with, and the values of the labels that are its own, in their order, as in {@code
 * ecc_errors_total{dram,uncorrected}}.
 */
record SeriesName(Metric metric, List<String> own) {
  private static final List<String> OF_DEVICES = List.of("millwright_accelerator_");
  private static final List<String> OF_NODES = List.of("millwright_node_", "millwright_");

  SeriesName {
    own = List.copyOf(own);
    int expected = metric.labels().size() - metric.scope().labels().size();
    if (own.size() != expected) {
      throw new IllegalArgumentException(
          "%s has the labels %s of its own, got the values %s"
              .formatted(
                  metric.familyName(),
                  metric.labels().subList(metric.scope().labels().size(), metric.labels().size()),
                  own));
    }
  }

  static SeriesName ofDevice(String text) {
    return of(text, OF_DEVICES);
  }

  static SeriesName ofNode(String text) {
    return of(text, OF_NODES);
  }

  private static SeriesName of(String text, List<String> beginnings) {
    int brace = text.indexOf('{');
    String family = brace < 0 ? text : text.substring(0, brace);
    List<String> own =
        brace < 0 ? List.of() : List.of(text.substring(brace + 1, text.length() - 1).split(","));
    return new SeriesName(metric(family, beginnings), own);
  }

  private static Metric metric(String family, List<String> beginnings) {
    for (String beginning : beginnings) {
      Optional<Metric> found =
          Arrays.stream(Metric.values())
              .filter(metric -> metric.familyName().equals(beginning + family))
              .findFirst();
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new IllegalArgumentException("there is no family " + family);
  }

  boolean ofDevices() {
    return metric.scope() == Metric.Scope.ACCELERATOR;
  }

  /** What a state set or a counter is before a trace says otherwise. */
  boolean startsAtZero() {
    return switch (metric.kind()) {
      case COUNTER, STATESET -> true;
      case GAUGE -> metric.unit() == Unit.BOOL;
      case INFO, HISTOGRAM -> false;
    };
  }
}
