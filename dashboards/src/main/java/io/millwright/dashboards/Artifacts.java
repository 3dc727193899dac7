package io.millwright.dashboards;

import io.millwright.dashboards.alerts.RuleFile;
import io.millwright.dashboards.alerts.RuleTestFile;
import io.millwright.dashboards.boards.Boards;
import io.millwright.dashboards.grafana.Board;
import io.millwright.dashboards.grafana.BoardJson;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The generated files, by their path in this directory. */
public final class Artifacts {
  private static final String RULES = "millwright.rules.yml";

  private Artifacts() {}

  public static NavigableMap<String, String> texts() {
    NavigableMap<String, String> texts = new TreeMap<>();
    for (Board board : Boards.ALL) {
      texts.put("grafana/" + board.id().uid() + ".json", BoardJson.text(board));
    }
    texts.put("alerts/" + RULES, RuleFile.text());
    texts.put("alerts/millwright.test.yml", RuleTestFile.text(RULES));
    return texts;
  }
}
