package io.millwright.dashboards.alerts;

import io.millwright.protocol.vocabulary.Metric;
import java.util.regex.Pattern;

/**
 * A series of a trial.
 *
 * @param series name and labels, as Prometheus writes them
 * @param values one each 30 s, in {@code promtool}'s notation: {@code 0x9} is ten zeroes
 */
record Given(String series, String values) {
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"[^\"]*\"");

  /**
   * @throws IllegalArgumentException for a label that the family does not have
   */
  static Given of(Metric metric, String labels, String values) {
    for (var found : LABEL.matcher(labels).results().toList()) {
      if (!metric.labels().contains(found.group(1))) {
        throw new IllegalArgumentException(
            "trial: %s has no label '%s'".formatted(metric.familyName(), found.group(1)));
      }
    }
    return new Given(metric.familyName() + "{" + labels + "}", values);
  }

  /** The same of a target, as in {@code instance="c1:9461"}: labels that Prometheus adds. */
  Given of(String target) {
    return new Given(series.replace("}", "," + target + "}"), values);
  }

  /** What Prometheus tells of a target. */
  static Given reached(String job, String instance, String values) {
    return new Given("up{job=\"%s\",instance=\"%s\"}".formatted(job, instance), values);
  }
}
