package io.millwright.dashboards.grafana;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What a table makes of its queries: one row for each set of labels, one column for each value. */
final class TableJson {
  private TableJson() {}

  static ArrayNode transformations(Panel panel) {
    ArrayNode transformations = Json.array();
    transformations.add(Json.object().put("id", "merge").set("options", Json.object()));
    ObjectNode options = Json.object();
    options.set("excludeByName", excluded(panel));
    options.set("indexByName", order(panel));
    options.set("renameByName", renamed(panel));
    transformations.add(Json.object().put("id", "organize").set("options", options));
    return transformations;
  }

  /** Grafana names the value of a lone query otherwise than those of several. */
  private static String valueField(Panel panel, int at) {
    return panel.queries().size() == 1 ? "Value" : "Value #" + PanelJson.refId(at);
  }

  private static ObjectNode excluded(Panel panel) {
    ObjectNode excluded = Json.object().put("Time", true).put("__name__", true);
    panel.queries().stream()
        .flatMap(query -> query.expression().labels().stream())
        .filter(label -> !panel.labels().contains(label))
        .forEach(label -> excluded.put(label, true));
    if (panel.columns().isEmpty()) {
      for (int i = 0; i < panel.queries().size(); i++) {
        excluded.put(valueField(panel, i), true);
      }
    }
    return excluded;
  }

  private static ObjectNode order(Panel panel) {
    ObjectNode order = Json.object();
    int next = 0;
    for (String label : panel.labels()) {
      order.put(label, next++);
    }
    for (int i = 0; i < panel.columns().size(); i++) {
      order.put(valueField(panel, i), next++);
    }
    return order;
  }

  private static ObjectNode renamed(Panel panel) {
    ObjectNode renamed = Json.object();
    for (int i = 0; i < panel.columns().size(); i++) {
      renamed.put(valueField(panel, i), panel.columns().get(i).name());
    }
    return renamed;
  }

  static ArrayNode overrides(Panel panel) {
    ArrayNode overrides = Json.array();
    panel.columns().forEach(column -> overrides.add(override(column)));
    panel
        .link()
        .ifPresent(board -> {
          ObjectNode override = named(panel.labels().getFirst());
          property(override, "links").set("value", Json.links(board, "__data.fields"));
          overrides.add(override);
        });
    return overrides;
  }

  private static ObjectNode override(Column column) {
    ObjectNode override = named(column.name());
    property(override, "unit").put("value", column.scale().word());
    column
        .words()
        .ifPresent(words -> {
          property(override, "mappings").set("value", Json.mappings(column.words()));
          property(override, "custom.cellOptions")
              .set("value", Json.object().put("type", "color-text"));
        });
    return override;
  }

  private static ObjectNode named(String field) {
    ObjectNode override = Json.object();
    override.set("matcher", Json.object().put("id", "byName").put("options", field));
    override.putArray("properties");
    return override;
  }

  private static ObjectNode property(ObjectNode override, String id) {
    return override.withArray("properties").addObject().put("id", id);
  }
}
