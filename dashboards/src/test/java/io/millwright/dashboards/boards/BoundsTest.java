package io.millwright.dashboards.boards;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.dashboards.grafana.Board;
import io.millwright.dashboards.grafana.BoardId;
import io.millwright.dashboards.grafana.Form;
import io.millwright.dashboards.grafana.Panel;
import io.millwright.dashboards.grafana.Query;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ten thousand accelerators are no more lines of a panel than ten. */
class BoundsTest {
  /** Labels that have as many values as the fleet has parts. */
  private static final Set<String> MANY =
      Set.of("node", "accelerator", "uuid", "instance", "job_id", "device", "mountpoint", "chip");

  private static final Pattern LIMITED = Pattern.compile("(?:topk|bottomk)\\((\\d+), ");
  private static final int MOST_LINES = 20;

  /** What is chosen at the top of a board, and so is there once. */
  private static Set<String> chosen(BoardId id) {
    return switch (id) {
      case NODE -> Set.of("node", "instance");
      case ACCELERATOR -> Set.of("node", "instance", "accelerator", "uuid");
      case JOB -> Set.of("job_id");
      case FLEET, POWER, HEALTH -> Set.of();
    };
  }

  private static Board board(BoardId id) {
    return Boards.ALL.stream().filter(board -> board.id() == id).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  void noPanelGrowsWithTheFleet(BoardId id) {
    board(id).panels().forEach(panel -> panel.queries().forEach(query -> check(id, panel, query)));
  }

  private static void check(BoardId id, Panel panel, Query query) {
    Set<String> many = new HashSet<>(query.expression().labels());
    many.retainAll(MANY);
    many.removeAll(chosen(id));
    boolean partsOfOneNode = id == BoardId.NODE && panel.form() == Form.TABLE;
    if (many.isEmpty() || partsOfOneNode) {
      return;
    }
    Matcher limited = LIMITED.matcher(query.expression().text());
    assertThat(limited.find())
        .as("%s / %s has a series for each of %s", id.title(), panel.title(), many)
        .isTrue();
    if (panel.form() != Form.TABLE) {
      assertThat(Integer.parseInt(limited.group(1))).as(panel.title()).isBetween(1, MOST_LINES);
    }
  }
}
