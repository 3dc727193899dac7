package io.millwright.collector.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * The SQL of the embedded store: one connection, its statements, nothing else. Not for two threads.
 */
final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final int BUSY_MILLISECONDS = 5_000;

  private final Connection connection;
  private Statements statements;

  private Database(Connection connection, Statements statements) {
    this.connection = connection;
    this.statements = statements;
  }

  private record Statements(
      PreparedStatement get,
      PreparedStatement range,
      PreparedStatement put,
      PreparedStatement delete) {

    static Statements of(Connection connection) throws SQLException {
      return new Statements(
          connection.prepareStatement("SELECT value, revision FROM state WHERE key = ?"),
          connection.prepareStatement(
              "SELECT key, value, revision FROM state WHERE key >= ? AND key < ? ORDER BY key"),
          connection.prepareStatement(
              "INSERT OR REPLACE INTO state (key, value, revision) VALUES (?, ?, ?)"),
          connection.prepareStatement("DELETE FROM state WHERE key = ?"));
    }

    void close() throws SQLException {
      get.close();
      range.close();
      put.close();
      delete.close();
    }
  }

  /** A connection that says of a commit that it is durable only when the disk said so. */
  static Connection connect(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.FULL);
    config.setBusyTimeout(BUSY_MILLISECONDS);
    return config.createConnection("jdbc:sqlite:" + file);
  }

  /** After what failed, whose cause it must not hide. */
  static void undo(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("ROLLBACK");
    } catch (SQLException e) {
      LOG.debug("nothing was to be undone", e);
    }
  }

  static Database of(Connection connection) throws SQLException {
    return new Database(connection, Statements.of(connection));
  }

  void begin() throws SQLException {
    execute("BEGIN IMMEDIATE");
  }

  void commit() throws SQLException {
    execute("COMMIT");
  }

  void rollback() throws SQLException {
    execute("ROLLBACK");
  }

  /** The driver closes a statement that failed. */
  void prepareAgain() throws SQLException {
    statements.close();
    statements = Statements.of(connection);
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  Optional<Versioned> get(String key) throws SQLException {
    statements.get.setString(1, key);
    try (ResultSet row = statements.get.executeQuery()) {
      return row.next()
          ? Optional.of(new Versioned(key, row.getString(1), row.getLong(2)))
          : Optional.empty();
    }
  }

  List<Versioned> range(String prefix) throws SQLException {
    statements.range.setString(1, prefix);
    statements.range.setString(2, prefix + '\u007f'); // above every character that a key may have
    List<Versioned> found = new ArrayList<>();
    try (ResultSet row = statements.range.executeQuery()) {
      while (row.next()) {
        found.add(new Versioned(row.getString(1), row.getString(2), row.getLong(3)));
      }
    }
    return found;
  }

  void apply(Op op, long revision) throws SQLException {
    switch (op) {
      case Op.Put(String key, String value) -> {
        statements.put.setString(1, key);
        statements.put.setString(2, value);
        statements.put.setLong(3, revision);
        statements.put.executeUpdate();
      }
      case Op.Delete(String key) -> {
        statements.delete.setString(1, key);
        statements.delete.executeUpdate();
      }
    }
  }

  void revision(long revision) throws SQLException {
    execute("UPDATE store SET revision = " + revision);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
