package io.millwright.dashboards.grafana;

import java.util.List;

/**
 * Panels under one heading, laid out from the left.
 *
 * @param height of each panel, in the grid's units
 * @param collapsed whether it is opened by a click only
 */
public record Row(String title, int height, boolean collapsed, List<Panel> panels) {
  public Row {
    panels = List.copyOf(panels);
  }

  public static Row open(String title, int height, Panel... panels) {
    return new Row(title, height, false, List.of(panels));
  }

  public static Row closed(String title, int height, Panel... panels) {
    return new Row(title, height, true, List.of(panels));
  }
}
