package io.millwright.dashboards.grafana;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A dashboard in Grafana's JSON. */
public final class BoardJson {
  private static final int SCHEMA = 39;
  private static final int COLUMNS = 24;
  private static final String PREFIX = "Millwright / ";

  private BoardJson() {}

  /** The file of it. */
  public static String text(Board board) {
    ObjectNode tree = Json.object();
    tree.put("uid", board.id().uid())
        .put("title", PREFIX + board.id().title())
        .put("description", board.description())
        .put("editable", false)
        .put("graphTooltip", 1)
        .put("refresh", "30s")
        .put("schemaVersion", SCHEMA)
        .put("timezone", "utc")
        .put("version", 1)
        .putNull("id");
    tree.putArray("tags").add("millwright");
    tree.set("time", Json.object().put("from", board.range()).put("to", "now"));
    tree.set("timepicker", Json.object());
    tree.set("annotations", annotations());
    tree.set("links", links(board));
    tree.putObject("templating").set("list", variables(board));
    tree.set("panels", panels(board));
    return Json.text(tree);
  }

  // ---- around the panels

  private static ObjectNode annotations() {
    ObjectNode alerts =
        Json.object()
            .put("name", "Alerts")
            .put("enable", true)
            .put("expr", "ALERTS{alertstate=\"firing\", severity=\"critical\"}")
            .put("iconColor", Words.RED)
            .put("step", "60s")
            .put("titleFormat", "{{alertname}}")
            .put("textFormat", "{{node}} {{accelerator}}");
    alerts.set("datasource", Json.datasource());
    ObjectNode tree = Json.object();
    tree.putArray("list").add(alerts);
    return tree;
  }

  /** The bar of the other boards, which keeps what was chosen. */
  private static ArrayNode links(Board board) {
    ArrayNode links = Json.array();
    for (BoardId other : BoardId.values()) {
      if (other != board.id()) {
        links
            .addObject()
            .put("title", other.title())
            .put("type", "link")
            .put("url", "/d/" + other.uid())
            .put("icon", "dashboard")
            .put("keepTime", true)
            .put("includeVars", true)
            .put("targetBlank", false)
            .put("asDropdown", false)
            .put("tooltip", "")
            .putArray("tags");
      }
    }
    return links;
  }

  private static ArrayNode variables(Board board) {
    ArrayNode variables = Json.array();
    variables
        .addObject()
        .put("name", "datasource")
        .put("label", "Prometheus")
        .put("type", "datasource")
        .put("query", "prometheus")
        .put("multi", false)
        .put("includeAll", false)
        .put("hide", 0)
        .put("refresh", 1)
        .put("regex", "");
    board.variables().forEach(variable -> variables.add(variable(variable)));
    return variables;
  }

  private static ObjectNode variable(Variable variable) {
    ObjectNode tree = Json.object();
    tree.put("name", variable.name())
        .put("label", variable.title())
        .put("type", "query")
        .put("definition", variable.question())
        .put("multi", variable.several())
        .put("includeAll", variable.several())
        .put("hide", 0)
        .put("refresh", 2) // when the time range changes: values come and go
        .put("regex", "")
        .put("sort", 7); // natural, so that 10 stands behind 9
    tree.set("datasource", Json.datasource());
    tree.set("query", Json.object().put("query", variable.question()).put("refId", "variable"));
    if (variable.several()) {
      tree.put("allValue", ".*");
      tree.set("current", Json.object().put("text", "All").put("value", "$__all"));
    }
    return tree;
  }

  // ---- panels

  private static ArrayNode panels(Board board) {
    ArrayNode panels = Json.array();
    int y = 0;
    for (Row row : board.rows()) {
      ObjectNode heading = heading(row, y);
      panels.add(heading);
      y++;
      ArrayNode into = row.collapsed() ? heading.withArray("panels") : panels;
      int end = place(row, y, into);
      y = row.collapsed() ? y : end;
    }
    return panels;
  }

  private static ObjectNode heading(Row row, int y) {
    ObjectNode heading = Json.object();
    heading
        .put("id", PanelJson.id("row " + row.title()))
        .put("type", "row")
        .put("title", row.title())
        .put("collapsed", row.collapsed());
    heading.set("gridPos", Json.place(0, y, COLUMNS, 1));
    heading.putArray("panels");
    return heading;
  }

  /** From left to right, and on below where the grid ends; the first free line. */
  private static int place(Row row, int top, ArrayNode into) {
    int x = 0;
    int y = top;
    for (Panel panel : row.panels()) {
      if (x + panel.width() > COLUMNS) {
        x = 0;
        y += row.height();
      }
      into.add(PanelJson.of(panel, x, y, row.height()));
      x += panel.width();
    }
    return y + row.height();
  }
}
