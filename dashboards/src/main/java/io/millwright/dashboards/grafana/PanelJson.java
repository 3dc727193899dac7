package io.millwright.dashboards.grafana;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** A panel in Grafana's JSON. */
final class PanelJson {
  private static final int IDS = 1_000_000;
  private static final int FILL = 10;
  private static final int STACK_FILL = 40;

  private PanelJson() {}

  /** Stays when other panels come and go, so that links to it stay too. */
  static int id(String title) {
    CRC32 digest = new CRC32();
    digest.update(title.getBytes(StandardCharsets.UTF_8));
    return 1 + (int) (digest.getValue() % IDS);
  }

  static ObjectNode of(Panel panel, int x, int y, int height) {
    ObjectNode tree = Json.object();
    tree.put("id", id(panel.title()))
        .put("title", panel.title())
        .put("description", panel.description())
        .put("type", panel.form().type());
    tree.set("datasource", Json.datasource());
    tree.set("gridPos", Json.place(x, y, panel.width(), height));
    tree.set("fieldConfig", fields(panel));
    tree.set("options", options(panel));
    ArrayNode targets = tree.putArray("targets");
    for (int i = 0; i < panel.queries().size(); i++) {
      targets.add(target(panel, i));
    }
    if (panel.form() == Form.TABLE) {
      tree.set("transformations", TableJson.transformations(panel));
    }
    return tree;
  }

  private static ObjectNode target(Panel panel, int at) {
    Query query = panel.queries().get(at);
    ObjectNode target = Json.object();
    target
        .put("refId", refId(at))
        .put("expr", query.expression().text())
        .put("editorMode", "code")
        .put("legendFormat", query.legend())
        .put("instant", panel.form().instant())
        .put("range", !panel.form().instant())
        .put("format", panel.form() == Form.TABLE ? "table" : "time_series");
    target.set("datasource", Json.datasource());
    return target;
  }

  static String refId(int at) {
    return Character.toString('A' + at);
  }

  // ---- how values look

  private static ObjectNode fields(Panel panel) {
    ObjectNode defaults = Json.object().put("unit", panel.scale().word());
    defaults.set("mappings", Json.mappings(panel.words()));
    defaults.set("thresholds", thresholds(panel));
    defaults.set(
        "color",
        Json.object()
            .put(
                "mode",
                panel.steps().isEmpty() && panel.words().isEmpty()
                    ? "palette-classic"
                    : "thresholds"));
    if (panel.scale() == Scale.RATIO) {
      defaults.put("min", 0);
    }
    if (panel.form() != Form.TABLE) {
      panel.link().ifPresent(board -> defaults.set("links", Json.links(board, "__field.labels")));
    }
    defaults.set("custom", custom(panel.form()));
    ObjectNode fields = Json.object();
    fields.set("defaults", defaults);
    fields.set("overrides", panel.form() == Form.TABLE ? TableJson.overrides(panel) : Json.array());
    return fields;
  }

  private static ObjectNode thresholds(Panel panel) {
    ObjectNode tree = Json.object().put("mode", "absolute");
    ArrayNode steps = tree.putArray("steps");
    steps
        .addObject()
        .put("color", panel.steps().isEmpty() ? Words.BLUE : Words.GREEN)
        .putNull("value");
    panel
        .steps()
        .forEach(step -> steps.addObject().put("color", step.colour()).put("value", step.from()));
    return tree;
  }

  private static ObjectNode custom(Form form) {
    ObjectNode custom = Json.object();
    switch (form) {
      case LINES, STACK -> {
        custom
            .put("drawStyle", "line")
            .put("lineWidth", 1)
            .put("fillOpacity", form == Form.STACK ? STACK_FILL : FILL)
            .put("showPoints", "never")
            .put("spanNulls", false)
            .put("axisSoftMin", 0);
        custom.set(
            "stacking",
            Json.object().put("group", "A").put("mode", form == Form.STACK ? "normal" : "none"));
      }
      case TIMELINE -> custom.put("fillOpacity", 80).put("lineWidth", 0);
      case TABLE -> {
        custom.put("align", "auto").put("filterable", true);
        custom.set("cellOptions", Json.object().put("type", "auto"));
      }
      case STAT -> {}
    }
    return custom;
  }

  private static ObjectNode options(Panel panel) {
    return switch (panel.form()) {
      case STAT -> stat(panel);
      case LINES, STACK -> lines();
      case TIMELINE -> timeline();
      case TABLE -> Json.object().put("cellHeight", "sm").put("showHeader", true);
    };
  }

  private static ObjectNode stat(Panel panel) {
    ObjectNode options =
        Json.object()
            .put("colorMode", panel.words().isPresent() ? "background" : "value")
            .put("graphMode", panel.words().isPresent() ? "none" : "area")
            .put("justifyMode", "auto")
            .put("orientation", "auto")
            .put("textMode", "auto");
    ObjectNode reduce = options.putObject("reduceOptions").put("fields", "").put("values", false);
    reduce.putArray("calcs").add("lastNotNull");
    return options;
  }

  private static ObjectNode lines() {
    ObjectNode options = Json.object();
    options.set("legend", legend());
    options.set("tooltip", Json.object().put("mode", "multi").put("sort", "desc"));
    return options;
  }

  private static ObjectNode timeline() {
    ObjectNode options =
        Json.object().put("mergeValues", true).put("rowHeight", 0.8).put("showValue", "auto");
    options.set("legend", legend());
    options.set("tooltip", Json.object().put("mode", "single").put("sort", "none"));
    return options;
  }

  private static ObjectNode legend() {
    ObjectNode legend =
        Json.object().put("displayMode", "list").put("placement", "bottom").put("showLegend", true);
    legend.putArray("calcs");
    return legend;
  }
}
