package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a source's readings come to, by series. */
record Shown(Map<Series, Reading> readings) {

  static Shown of(Readings readings) {
    Sample sample = readings.sample();
    Map<Series, Reading> shown = new LinkedHashMap<>();
    for (int i = 0; i < sample.table().size(); i++) {
      shown.put(sample.table().series(i), sample.reading(i));
    }
    return new Shown(shown);
  }

  /** The reading of the series with these labels behind {@code node}. */
  Reading reading(Metric metric, String... labels) {
    return readings.entrySet().stream()
        .filter(each -> each.getKey().metric() == metric)
        .filter(each -> own(each.getKey()).equals(List.of(labels)))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + metric + List.of(labels) + " in " + this));
  }

  double value(Metric metric, String... labels) {
    if (reading(metric, labels) instanceof Reading.Measured(double value)) {
      return value;
    }
    throw new AssertionError(metric + " is " + reading(metric, labels));
  }

  boolean has(Metric metric, String... labels) {
    return readings.keySet().stream()
        .anyMatch(each -> each.metric() == metric && own(each).equals(List.of(labels)));
  }

  /** The label values behind {@code node} of all series of a family. */
  List<List<String>> labels(Metric metric) {
    return readings.keySet().stream()
        .filter(each -> each.metric() == metric)
        .map(Shown::own)
        .toList();
  }

  static List<String> own(Series series) {
    return series.labelValues().subList(1, series.labelValues().size());
  }
}
