package io.millwright.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a question finds, and how much it looks at. */
class EventTableTest {
  private static final int LOOKED_AT = 10_000;

  @TempDir private Path directory;
  private EventTable table;

  @BeforeEach
  void open() {
    table = EventTable.open(directory.resolve("events.db"), EventTable.Limits.USUAL);
  }

  @AfterEach
  void close() {
    table.close();
  }

  private void store(int many, String node, String kind) {
    List<EventRow> rows = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      rows.add(new EventRow(0, node, 5, kind, node, "a message", "", ""));
    }
    table.store(rows, Map.of(), 5);
  }

  private EventFound find(long after, long since, String node, String kind, boolean newest) {
    return table.find(
        new EventQuery(
            after,
            since,
            Optional.of(node).filter(word -> !word.isEmpty()),
            Optional.of(kind).filter(word -> !word.isEmpty()),
            3,
            newest));
  }

  private static List<Long> ids(EventFound found) {
    return found.rows().stream().map(EventRow::id).toList();
  }

  @Test
  void findsByNodeAndKindFromBothEnds() {
    store(4, "n1", "error-code"); // 1 to 4
    store(2, "n2", "agent-started"); // 5, 6
    store(1, "n1", "agent-started"); // 7
    assertThat(find(0, 0, "", "", false)).matches(found -> !found.ended() && found.seen() == 3);
    assertThat(ids(find(0, 0, "n2", "", false))).containsExactly(5L, 6L);
    assertThat(ids(find(0, 0, "", "agent-started", false))).containsExactly(5L, 6L, 7L);
    assertThat(ids(find(0, 0, "n1", "agent-started", false))).containsExactly(7L);
    assertThat(ids(find(0, 0, "n1", "", true))).containsExactly(3L, 4L, 7L);
    assertThat(ids(find(4, 6, "", "", false))).isEmpty();
  }

  /** The file of a collector that kept no tickets. */
  @Test
  void aFileWithoutTicketsGetsThem() throws SQLException {
    store(1, "n1", "error-code");
    table.close();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("events.db"));
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER TABLE event DROP COLUMN ticket");
    }
    open();
    table.store(
        List.of(new EventRow(0, "n1", 5, "error-code", "n1", "a message", "", "RMA-7")),
        Map.of(),
        5);
    assertThat(find(0, 0, "n1", "", false).rows())
        .extracting(EventRow::ticket)
        .containsExactly("", "RMA-7");
  }

  /** A stream whose filter takes nothing moves on all the same. */
  @Test
  void whatFindsNothingHasSeenAll() {
    store(4, "n1", "error-code");
    assertThat(find(0, 0, "n9", "", false)).isEqualTo(new EventFound(List.of(), 4, true));
    assertThat(find(4, 0, "n9", "", false)).isEqualTo(new EventFound(List.of(), 4, true));
  }

  @Test
  void aQuestionLooksAtSoManyAndSaysWhereToGoOn() {
    store(LOOKED_AT + 5, "n1", "error-code");
    EventFound first = find(0, 6, "", "", false);
    assertThat(first).isEqualTo(new EventFound(List.of(), LOOKED_AT, false));
    assertThat(find(first.seen(), 6, "", "", false))
        .isEqualTo(new EventFound(List.of(), LOOKED_AT + 5, true));
    assertThat(ids(find(first.seen(), 5, "", "", false)))
        .containsExactly(LOOKED_AT + 1L, LOOKED_AT + 2L, LOOKED_AT + 3L);
  }

  /** One that an earlier collector made. */
  @Test
  void aFileWithoutTheIndexesGetsThem() throws SQLException {
    table.close();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("events.db"));
        Statement statement = connection.createStatement()) {
      statement.execute("DROP INDEX event_kind");
      statement.execute("DROP INDEX event_node_kind");
    }
    open();
    store(1, "n1", "error-code");
    assertThat(ids(find(0, 0, "", "error-code", false))).containsExactly(1L);
    assertThat(ids(find(0, 0, "n1", "error-code", false))).containsExactly(1L);
  }
}
