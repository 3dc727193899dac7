package io.millwright.protocol.vocabulary;

import java.util.List;
import java.util.stream.Stream;

/**
 * One time series: a family and the values of its labels, in the order of {@link Metric#labels()}.
 * Label values come from hardware and from outside, so they are bounded here: at most 256
 * characters, control characters shown as {@code ?}.
 *
 * @param simulated marks an info series of simulated hardware; it then carries the further label
 *     {@code simulated="true"}
 */
public record Series(Metric metric, List<String> labelValues, boolean simulated) {
  private static final int LONGEST_VALUE = 256;

  public Series {
    if (labelValues.size() != metric.labels().size()) {
      throw new IllegalArgumentException(
          metric + " has labels " + metric.labels() + ", got values " + labelValues);
    }
    if (simulated && metric.kind() != Metric.Kind.INFO) {
      throw new IllegalArgumentException("only an info metric says simulated, not " + metric);
    }
    labelValues = allBounded(labelValues) ? List.copyOf(labelValues) : cut(labelValues);
  }

  /** A series of real hardware, or of a family that does not say. */
  public static Series of(Metric metric, String... labelValues) {
    return new Series(metric, List.of(labelValues), false);
  }

  /** A series of one accelerator: its five labels, then the family's own. */
  public static Series of(Metric metric, Accelerator accelerator, String... ownValues) {
    List<String> values =
        Stream.concat(accelerator.labelValues().stream(), Stream.of(ownValues)).toList();
    return new Series(metric, values, accelerator.simulated() && metric.kind() == Metric.Kind.INFO);
  }

  private static boolean allBounded(List<String> values) {
    for (String value : values) {
      if (!bounded(value)) {
        return false;
      }
    }
    return true;
  }

  private static boolean bounded(String value) {
    if (value.length() > LONGEST_VALUE) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      if (Character.isISOControl(value.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static List<String> cut(List<String> values) {
    return values.stream()
        .map(value -> value.substring(0, Math.min(value.length(), LONGEST_VALUE)))
        .map(value -> value.replaceAll("\\p{Cc}", "?"))
        .toList();
  }
}
