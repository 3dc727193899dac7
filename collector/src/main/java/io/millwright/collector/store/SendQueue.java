package io.millwright.collector.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;

/**
 * Requests that wait for a receiver, in the order in which they were made, in a file of their own:
 * one SQLite database with a write-ahead log that is forced to the disk.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #close}. <i>Threading:</i> one owner, the caller.
 * <i>Failure:</i> {@link StoreException}; what was to be appended or removed is then still as it
 * was.
 */
public final class SendQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SendQueue.class);

  /** "MWSQ", in the header of the file. */
  private static final int APPLICATION = 0x4d575351;

  private static final int FORMAT = 1;

  private final Path file;
  private final StoreLock lock;
  private final Connection connection;
  private final long mostBytes;
  private long bytes;
  private long samples;

  private SendQueue(Path file, StoreLock lock, Connection connection, long mostBytes) {
    this.file = file;
    this.lock = lock;
    this.connection = connection;
    this.mostBytes = mostBytes;
  }

  /**
   * A request that is to wait.
   *
   * @param samples in it
   * @param oldestMs when the oldest of them was taken, in wall milliseconds
   */
  @SuppressWarnings("ArrayRecordComponent") // bytes that nobody compares
  public record Draft(int samples, long oldestMs, byte[] body) {}

  /**
   * A request that waits.
   *
   * @param id rises with each
   */
  public record Waiting(long id, Draft request) {}

  /** What requests take. */
  private record Size(long bytes, long samples) {
    static final Size NONE = new Size(0, 0);

    Size with(Size other) {
      return new Size(bytes + other.bytes, samples + other.samples);
    }
  }

  /**
   * Opens the queue in this file, which is made where there is none; its directory must exist.
   *
   * @param mostBytes of bodies; beyond them the oldest go
   */
  public static SendQueue open(Path file, long mostBytes) {
    Path absolute = file.toAbsolutePath();
    try {
      StoreLock lock = StoreLock.take(absolute);
      try {
        StoreLock.makeFile(absolute);
        return opened(absolute, lock, mostBytes);
      } catch (IOException | SQLException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException | SQLException e) {
      throw new StoreException(
          "queue %s: the file cannot be opened; see that the collector may read and write there, or move it away to begin anew"
              .formatted(absolute),
          e);
    }
  }

  /**
   * Reads a queue from the first to the last byte, also while a collector has it open; writes
   * nothing.
   *
   * @throws StoreException where it is none, or is damaged
   */
  public static void check(Path file) {
    Path absolute = file.toAbsolutePath();
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    try (Connection connection = config.createConnection("jdbc:sqlite:" + absolute)) {
      requireQueue(connection, absolute);
      try (Statement statement = connection.createStatement();
          ResultSet verdict = statement.executeQuery("PRAGMA integrity_check(1)")) {
        if (!verdict.next() || !verdict.getString(1).equals("ok")) {
          throw new StoreException(
              "queue %s: it is damaged; move it away, and what waits in it for the receiver is lost"
                  .formatted(absolute));
        }
      }
    } catch (SQLException e) {
      throw new StoreException(
          "queue %s: it cannot be read; see that the collector may read and write there, or move it away to begin anew"
              .formatted(absolute),
          e);
    }
  }

  private static void requireQueue(Connection connection, Path file) throws SQLException {
    if (number(connection, "PRAGMA application_id") != APPLICATION
        || number(connection, "PRAGMA user_version") != FORMAT) {
      throw new StoreException(
          "queue %s: it is no queue that this collector reads; give the collector another directory, or move the file away"
              .formatted(file));
    }
  }

  private static SendQueue opened(Path file, StoreLock lock, long mostBytes) throws SQLException {
    Connection connection = Database.connect(file);
    try {
      SendQueue queue = new SendQueue(file, lock, connection, mostBytes);
      queue.prepare();
      return queue;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private void prepare() throws SQLException {
    if (number("SELECT count(*) FROM sqlite_schema") == 0) {
      execute("BEGIN IMMEDIATE");
      execute("PRAGMA application_id = " + APPLICATION);
      execute("PRAGMA user_version = " + FORMAT);
      execute(
          "CREATE TABLE waiting (id INTEGER PRIMARY KEY AUTOINCREMENT, samples INTEGER NOT NULL,"
              + " oldest_ms INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL) STRICT");
      execute("COMMIT");
    }
    requireQueue(connection, file);
    count();
  }

  private void count() throws SQLException {
    bytes = number("SELECT coalesce(sum(bytes), 0) FROM waiting");
    samples = number("SELECT coalesce(sum(samples), 0) FROM waiting");
  }

  /** Bytes of the bodies that wait. */
  public long bytes() {
    return bytes;
  }

  /** Samples that wait. */
  public long samples() {
    return samples;
  }

  /**
   * Appends all of them, durable when this returns, and drops the oldest that have no room then.
   *
   * @return how many samples were dropped
   */
  public long append(List<Draft> requests) {
    long more = requests.stream().mapToLong(Draft::samples).sum();
    long moreBytes = requests.stream().mapToLong(request -> request.body().length).sum();
    Size dropped =
        transaction(() -> {
          insert(requests);
          return dropped(bytes + moreBytes - mostBytes);
        });
    bytes += moreBytes - dropped.bytes();
    samples += more - dropped.samples();
    return dropped.samples();
  }

  private void insert(List<Draft> requests) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO waiting (samples, oldest_ms, bytes, body) VALUES (?, ?, ?, ?)")) {
      for (Draft request : requests) {
        insert.setInt(1, request.samples());
        insert.setLong(2, request.oldestMs());
        insert.setInt(3, request.body().length);
        insert.setBytes(4, request.body());
        insert.executeUpdate();
      }
    }
  }

  /** Drops the oldest until so many bytes are free. */
  private Size dropped(long over) throws SQLException {
    Size dropped = Size.NONE;
    while (dropped.bytes() < over) {
      dropped = dropped.with(delete(number("SELECT min(id) FROM waiting")));
    }
    return dropped;
  }

  /** What there was of it. */
  private Size delete(long id) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "DELETE FROM waiting WHERE id = " + id + " RETURNING bytes, samples")) {
      return row.next() ? new Size(row.getLong(1), row.getLong(2)) : Size.NONE;
    }
  }

  /** The oldest; empty where none waits. */
  public Optional<Waiting> first() {
    return of(() -> {
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT id, samples, oldest_ms, body FROM waiting ORDER BY id LIMIT 1")) {
        return row.next()
            ? Optional.of(
                new Waiting(
                    row.getLong(1), new Draft(row.getInt(2), row.getLong(3), row.getBytes(4))))
            : Optional.empty();
      }
    });
  }

  /**
   * That this one is no longer to be sent.
   *
   * @return whether it was still there
   */
  public boolean remove(long id) {
    Size removed = transaction(() -> delete(id));
    bytes -= removed.bytes();
    samples -= removed.samples();
    return !removed.equals(Size.NONE);
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long number(String sql) throws SQLException {
    return number(connection, sql);
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Something of the database. */
  private interface Work<T> {
    T done() throws SQLException;
  }

  private <T> T transaction(Work<T> work) {
    return of(() -> {
      execute("BEGIN IMMEDIATE");
      try {
        T done = work.done();
        execute("COMMIT");
        return done;
      } catch (SQLException e) {
        rollBack(e);
        throw e;
      }
    });
  }

  private void rollBack(SQLException cause) {
    try {
      execute("ROLLBACK");
    } catch (SQLException e) { // SQLite has rolled back by itself, as where the disk is full
      cause.addSuppressed(e);
    }
  }

  private <T> T of(Work<T> work) {
    try {
      return work.done();
    } catch (SQLException e) {
      throw new StoreException(
          "queue %s: the database did not do it; see to the disk".formatted(file), e);
    }
  }

  @Override
  public void close() {
    try (lock) {
      connection.close();
    } catch (IOException | SQLException e) {
      LOG.warn("queue closed with trouble file={}", file, e);
    }
  }
}
