package io.millwright.dashboards.grafana;

import io.millwright.dashboards.promql.Promql;
import java.util.regex.Pattern;

/**
 * One expression of a panel.
 *
 * @param legend name of each series, as in {@code {{node}}}; in a table the column of the value
 */
public record Query(Promql expression, String legend) {
  private static final Pattern LABEL = Pattern.compile("\\{\\{([a-z_]+)\\}\\}");

  /**
   * @throws IllegalArgumentException for a legend with a label that the series do not have
   */
  public Query {
    for (var found : LABEL.matcher(legend).results().toList()) {
      if (!expression.labels().contains(found.group(1))) {
        throw new IllegalArgumentException(
            "legend: '%s' of %s has no label '%s'"
                .formatted(legend, expression.text(), found.group(1)));
      }
    }
  }
}
