package io.millwright.protocol.exposition;

import io.millwright.protocol.vocabulary.Metric;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Lines in parts, for a page of so many devices that the labels of each are kept once and not once
 * a family: {@code name{} + {@code node="n1",accelerator="0"} + {@code ,scope="gpu"} } + value.
 *
 * <p>Pure.
 */
public final class LineParts {
  private LineParts() {}

  /** What stands above the series of a family. */
  public static byte[] header(Metric metric, TextFormat format) {
    return bytes(
        switch (format) {
          case PROMETHEUS -> Headers.prometheus(metric);
          case OPENMETRICS -> Headers.openMetrics(metric);
        });
  }

  /** The family's name and the opening brace. */
  public static byte[] name(Metric metric) {
    return bytes(metric.familyName() + "{");
  }

  /** Labels without braces; at least one. */
  public static byte[] labels(List<String> names, List<String> values) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < names.size(); i++) {
      Family.label(line, i == 0 ? "" : ",", names.get(i), values.get(i));
    }
    return bytes(line.toString());
  }

  /** Further labels, the closing brace and the blank before the value. */
  public static byte[] rest(List<String> names, List<String> values) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < names.size(); i++) {
      Family.label(line, ",", names.get(i), values.get(i));
    }
    return bytes(line.append("} ").toString());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
