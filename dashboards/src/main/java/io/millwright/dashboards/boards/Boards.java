package io.millwright.dashboards.boards;

import io.millwright.dashboards.grafana.Board;
import java.util.List;

/** All dashboards, in the order of the links bar. */
public final class Boards {
  public static final List<Board> ALL =
      List.of(
          FleetBoard.BOARD,
          NodeBoard.BOARD,
          AcceleratorBoard.BOARD,
          JobBoard.BOARD,
          PowerBoard.BOARD,
          HealthBoard.BOARD);

  private Boards() {}
}
