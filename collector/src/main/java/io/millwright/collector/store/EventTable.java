package io.millwright.collector.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of the fleet in a file of their own, so that they hold up no job: one SQLite database
 * with a write-ahead log that is forced to the disk before anybody is told.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #close}. <i>Threading:</i> one owner, the caller.
 * <i>Failure:</i> {@link StoreException}; what was to be stored is then not, or may not be, and is
 * to be offered again, where it changes nothing that is there.
 */
public final class EventTable implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventTable.class);

  /** "MWEV", in the header of the file. */
  static final int APPLICATION = 0x4d574556;

  static final int FORMAT = 1;
  private static final int A_TURN = 1_000;
  private static final int MOST_LOOKED_AT = 10_000;

  private final Map<String, PreparedStatement> prepared = new HashMap<>();
  private final Path file;
  private final StoreLock lock;
  private final Connection connection;
  private final Limits limits;

  /**
   * How much is kept.
   *
   * @param bytes of all events together
   * @param age after which an event goes
   */
  public record Limits(long bytes, Duration age) {
    /** 256 MiB, 30 days. */
    public static final Limits USUAL = new Limits(256L << 20, Duration.ofDays(30));

    public Limits {
      if (bytes < 1 || age.isNegative() || age.isZero()) {
        throw new IllegalArgumentException(
            "events: %d bytes and %s are refused; allowed is more than nothing"
                .formatted(bytes, age));
      }
    }
  }

  private EventTable(Path file, StoreLock lock, Connection connection, Limits limits) {
    this.file = file;
    this.lock = lock;
    this.connection = connection;
    this.limits = limits;
  }

  /** Opens the events in this file, which is made where there is none; its directory must exist. */
  public static EventTable open(Path file, Limits limits) {
    Path absolute = file.toAbsolutePath();
    try {
      StoreLock lock = StoreLock.take(absolute);
      try {
        StoreLock.makeFile(absolute);
        return opened(absolute, lock, limits);
      } catch (IOException | SQLException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException | SQLException e) {
      throw new StoreException(
          "events %s: the file cannot be opened; see that the collector may read and write there, or move it away to begin anew"
              .formatted(absolute),
          e);
    }
  }

  private static EventTable opened(Path file, StoreLock lock, Limits limits) throws SQLException {
    Connection connection = Database.connect(file);
    try {
      EventTable table = new EventTable(file, lock, connection, limits);
      table.prepare();
      return table;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private void prepare() throws SQLException {
    if (number("SELECT count(*) FROM sqlite_schema") == 0) {
      make();
    }
    if (number("PRAGMA application_id") != APPLICATION || number("PRAGMA user_version") != FORMAT) {
      throw new StoreException(
          "events %s: it is no file of events that this collector reads; give the collector another directory, or move the file away"
              .formatted(file));
    }
    if (number("SELECT count(*) FROM pragma_table_info('event') WHERE name = 'ticket'") == 0) {
      execute("ALTER TABLE event ADD COLUMN ticket TEXT NOT NULL DEFAULT ''");
    }
    execute("CREATE INDEX IF NOT EXISTS event_kind ON event (kind, id)");
    execute("CREATE INDEX IF NOT EXISTS event_node_kind ON event (node, kind, id)");
  }

  private void make() throws SQLException {
    execute("BEGIN IMMEDIATE");
    execute("PRAGMA application_id = " + APPLICATION);
    execute("PRAGMA user_version = " + FORMAT);
    execute(
        "CREATE TABLE event (id INTEGER PRIMARY KEY AUTOINCREMENT, node TEXT NOT NULL,"
            + " at_ms INTEGER NOT NULL, stored_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
            + " subject TEXT NOT NULL, message TEXT NOT NULL, body TEXT NOT NULL,"
            + " bytes INTEGER NOT NULL) STRICT");
    execute("CREATE INDEX event_node ON event (node, id)");
    execute(
        "CREATE TABLE mark (node TEXT PRIMARY KEY, journal TEXT NOT NULL, sequence INTEGER NOT"
            + " NULL) STRICT, WITHOUT ROWID");
    execute("CREATE TABLE total (bytes INTEGER NOT NULL) STRICT");
    execute("INSERT INTO total VALUES (0)");
    execute("COMMIT");
  }

  /** How far the events of each node are kept. */
  public Map<String, EventMark> marks() {
    return of(() -> {
      Map<String, EventMark> marks = new HashMap<>();
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT node, journal, sequence FROM mark")) {
        while (row.next()) {
          marks.put(
              row.getString(1), new EventMark(UUID.fromString(row.getString(2)), row.getLong(3)));
        }
      }
      return marks;
    });
  }

  /** The id of the newest event that there ever was; 0 for none. */
  public long newest() {
    return of(() -> numberAgain("SELECT coalesce(max(seq), 0) FROM sqlite_sequence"));
  }

  public long bytes() {
    return of(() -> numberAgain("SELECT bytes FROM total"));
  }

  /**
   * Stores all of them, durable when this returns. Those that are there already must have been left
   * out.
   *
   * @param marks of the nodes whose events they are, as they are with them
   */
  public void store(List<EventRow> rows, Map<String, EventMark> marks, long nowMs) {
    of(() -> {
      again("BEGIN IMMEDIATE");
      try {
        long bytes = insert(rows, nowMs);
        mark(marks);
        again("UPDATE total SET bytes = bytes + ?", bytes);
        again("COMMIT");
        return bytes;
      } catch (SQLException e) {
        Database.undo(connection);
        throw e;
      }
    });
  }

  private long insert(List<EventRow> rows, long nowMs) throws SQLException {
    long sum = 0;
    PreparedStatement insert =
        prepared(
            "INSERT INTO event (node, at_ms, stored_ms, kind, subject, message, body, bytes,"
                + " ticket) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (EventRow row : rows) {
      long bytes = bytes(row);
      insert.setString(1, row.node());
      insert.setLong(2, row.atMs());
      insert.setLong(3, nowMs);
      insert.setString(4, row.kind());
      insert.setString(5, row.subject());
      insert.setString(6, row.message());
      insert.setString(7, row.body());
      insert.setLong(8, bytes);
      insert.setString(9, row.ticket());
      insert.executeUpdate();
      sum += bytes;
    }
    return sum;
  }

  /** About, with what an entry costs beside its texts. */
  private static long bytes(EventRow row) {
    return 64L
        + row.node().length()
        + row.kind().length()
        + row.subject().length()
        + row.message().length()
        + row.body().length()
        + row.ticket().length();
  }

  private void mark(Map<String, EventMark> marks) throws SQLException {
    PreparedStatement put =
        prepared("INSERT OR REPLACE INTO mark (node, journal, sequence) VALUES (?, ?, ?)");
    for (Map.Entry<String, EventMark> mark : marks.entrySet()) {
      put.setString(1, mark.getKey());
      put.setString(2, mark.getValue().journal().toString());
      put.setLong(3, mark.getValue().sequence());
      put.executeUpdate();
    }
  }

  /**
   * Lets go of the oldest, a thousand at most, while there are too many bytes or days.
   *
   * @return whether more of them are to go
   */
  public boolean expire(long nowMs) {
    return of(() -> {
      long oldestMs = nowMs - limits.age().toMillis();
      if (!tooMany(oldestMs)) {
        return false;
      }
      long over = numberAgain("SELECT bytes FROM total") - limits.bytes();
      deleted(last(oldestMs, over));
      return tooMany(oldestMs);
    });
  }

  private boolean tooMany(long oldestMs) throws SQLException {
    return numberAgain("SELECT bytes FROM total") > limits.bytes()
        || numberAgain(
                "SELECT count(*) FROM (SELECT stored_ms FROM event ORDER BY id LIMIT 1)"
                    + " WHERE stored_ms < ?",
                oldestMs)
            > 0;
  }

  /** The last of those that are too old, or one beyond as many as are too many. */
  private long last(long oldestMs, long over) throws SQLException {
    long last = 0;
    long left = over;
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT id, bytes, stored_ms FROM event ORDER BY id LIMIT " + A_TURN)) {
      while (row.next() && (left > 0 || row.getLong(3) < oldestMs)) {
        last = row.getLong(1);
        left -= row.getLong(2);
      }
    }
    return last;
  }

  private void deleted(long last) throws SQLException {
    execute("BEGIN IMMEDIATE");
    try {
      execute(
          "UPDATE total SET bytes = bytes - (SELECT coalesce(sum(bytes), 0) FROM event WHERE id <= "
              + last
              + ")");
      execute("DELETE FROM event WHERE id <= " + last);
      execute("COMMIT");
    } catch (SQLException e) {
      Database.undo(connection);
      throw e;
    }
  }

  /**
   * Those that are wanted, of the first {@value #MOST_LOOKED_AT} of their node and kind; the rest
   * is for the next question.
   */
  public EventFound find(EventQuery query) {
    return of(() -> {
      long newest = numberAgain("SELECT coalesce(max(seq), 0) FROM sqlite_sequence");
      try (PreparedStatement select = connection.prepareStatement(sql(query))) {
        select.setLong(1, query.after());
        int next = 2;
        if (query.node().isPresent()) {
          select.setString(next, query.node().get());
          next++;
        }
        if (query.kind().isPresent()) {
          select.setString(next, query.kind().get());
        }
        return found(select, query, newest);
      }
    });
  }

  /** All but the time is found by an index; the time is of the nodes' clocks, and is looked at. */
  private static String sql(EventQuery query) {
    return "SELECT id, node, at_ms, kind, subject, message, body, ticket FROM event"
        + index(query)
        + " WHERE id > ?"
        + (query.node().isPresent() ? " AND node = ?" : "")
        + (query.kind().isPresent() ? " AND kind = ?" : "")
        + " ORDER BY id "
        + (query.newest() ? "DESC" : "ASC")
        + " LIMIT "
        + MOST_LOOKED_AT;
  }

  private static String index(EventQuery query) {
    if (query.node().isPresent()) {
      return query.kind().isPresent() ? " INDEXED BY event_node_kind" : " INDEXED BY event_node";
    }
    return query.kind().isPresent() ? " INDEXED BY event_kind" : "";
  }

  private static EventFound found(PreparedStatement select, EventQuery query, long newest)
      throws SQLException {
    List<EventRow> rows = new ArrayList<>();
    long seen = query.after();
    int looked = 0;
    try (ResultSet row = select.executeQuery()) {
      while (rows.size() < query.most() && row.next()) {
        looked++;
        seen = row.getLong(1);
        if (row.getLong(3) >= query.sinceMs()) {
          rows.add(row(row));
        }
      }
    }
    boolean ended = rows.size() < query.most() && looked < MOST_LOOKED_AT;
    if (query.newest()) {
      Collections.reverse(rows);
    }
    return new EventFound(rows, ended || query.newest() ? newest : seen, ended);
  }

  private static EventRow row(ResultSet row) throws SQLException {
    return new EventRow(
        row.getLong(1),
        row.getString(2),
        row.getLong(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        row.getString(8));
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Of a text that is used again and again; closed with the connection. */
  private PreparedStatement prepared(String sql) throws SQLException {
    PreparedStatement known = prepared.get(sql);
    if (known == null) {
      known = connection.prepareStatement(sql);
      prepared.put(sql, known);
    }
    return known;
  }

  /** As {@link #execute}, of a text that is used again and again. */
  private void again(String sql, long... values) throws SQLException {
    PreparedStatement statement = prepared(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setLong(i + 1, values[i]);
    }
    statement.execute();
  }

  /** As {@link #number}, of a text that is used again and again. */
  private long numberAgain(String sql, long... values) throws SQLException {
    PreparedStatement statement = prepared(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setLong(i + 1, values[i]);
    }
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Something of the database. */
  private interface Work<T> {
    T done() throws SQLException;
  }

  private <T> T of(Work<T> work) {
    try {
      return work.done();
    } catch (SQLException e) {
      forgetPrepared(); // the driver closes a statement that failed
      throw new StoreException(
          "events %s: the database did not do it; see to the disk".formatted(file), e);
    }
  }

  private void forgetPrepared() {
    for (PreparedStatement statement : prepared.values()) {
      try {
        statement.close();
      } catch (SQLException e) {
        LOG.debug("a statement was closed with trouble", e);
      }
    }
    prepared.clear();
  }

  @Override
  public void close() {
    forgetPrepared();
    try (lock) {
      connection.close();
    } catch (IOException | SQLException e) {
      LOG.warn("events closed with trouble file={}", file, e);
    }
  }
}
