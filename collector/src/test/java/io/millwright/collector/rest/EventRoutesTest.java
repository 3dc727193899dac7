package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.events.EventKeeper;
import io.millwright.collector.store.EventQuery;
import io.millwright.collector.store.EventRow;
import io.millwright.collector.store.EventTable;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A list that lies further apart than one question looks. */
class EventRoutesTest {
  private static final int LOOKED_AT = 10_000;

  @TempDir private Path directory;

  private static EventRow at(long atMs) {
    return new EventRow(0, "n1", atMs, "error-code", "n1", "a message", "");
  }

  /** Whoever reads page by page takes a short one for the last. */
  @Test
  void onlyTheLastPageIsShort() {
    EventTable table = EventTable.open(directory.resolve("events.db"), EventTable.Limits.USUAL);
    List<EventRow> rows = new ArrayList<>(List.of(at(9)));
    for (int i = 0; i < LOOKED_AT; i++) {
      rows.add(at(5));
    }
    rows.addAll(List.of(at(9), at(9), at(9)));
    table.store(rows, Map.of(), Clock.system().wall().toEpochMilli());
    try (EventKeeper keeper = new EventKeeper(table, List::of, Clock.system())) {
      keeper.start();
      List<EventRow> page =
          new EventRoutes(keeper, Clock.system())
              .found(new EventQuery(0, 9, Optional.empty(), Optional.empty(), 3, false))
              .toCompletableFuture()
              .orTimeout(20, TimeUnit.SECONDS)
              .join();
      assertThat(page).extracting(EventRow::id).containsExactly(1L, LOOKED_AT + 2L, LOOKED_AT + 3L);
    }
  }
}
