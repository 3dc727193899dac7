package io.millwright.collector.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The accounts of ended runs in a file of their own: one row for each node of a run, by node, job,
 * run and when it began. A row that is there already is left as it is.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #close}. <i>Threading:</i> {@link #store} and {@link
 * #expire} have one owner, {@link #sums} another, on a connection of its own, so that a long
 * question holds up nothing. <i>Failure:</i> {@link StoreException}; what was to be stored is to be
 * offered again.
 */
public final class UsageTable implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UsageTable.class);

  /** "MWUS", in the header of the file. */
  static final int APPLICATION = 0x4d575553;

  static final int FORMAT = 1;

  /** Columns that files of before do not have. */
  private static final List<String> LATER =
      List.of("watt_seconds", "power_seconds", "peak_watts", "peak_memory_bytes");

  private static final int MOST_SUMS = 10_000;
  private static final int A_TURN = 1_000;

  private final Path file;
  private final StoreLock lock;
  private final Connection writing;
  private final Connection reading;
  private final Duration kept;

  /** What rows are added up by. */
  public enum By {
    USER,
    PROJECT,
    SCHEDULER,
    NODE,
    JOB;

    /** As in {@code user}; the name of its column, too. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private UsageTable(
      Path file, StoreLock lock, Connection writing, Connection reading, Duration kept) {
    this.file = file;
    this.lock = lock;
    this.writing = writing;
    this.reading = reading;
    this.kept = kept;
  }

  /**
   * Opens the accounts in this file, which is made where there is none; its directory must exist.
   * It is not read as a whole, which takes minutes where it is large: damage is told by the first
   * call that meets it.
   *
   * @param kept how long a row stays after the run's end
   */
  public static UsageTable open(Path file, Duration kept) {
    Path absolute = file.toAbsolutePath();
    try {
      StoreLock lock = StoreLock.take(absolute);
      try {
        StoreLock.makeFile(absolute);
        Connection writing = Database.connect(absolute);
        try {
          prepare(absolute, writing);
          return new UsageTable(absolute, lock, writing, Database.connect(absolute), kept);
        } catch (SQLException | RuntimeException e) {
          writing.close();
          throw e;
        }
      } catch (IOException | SQLException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException | SQLException e) {
      if (e instanceof SQLException damage && StoreFile.isDamage(damage)) {
        throw damaged(absolute, damage);
      }
      throw new StoreException(
          "usage %s: the file cannot be opened; see that the collector may read and write there, or move it away to begin anew"
              .formatted(absolute),
          e);
    }
  }

  private static void prepare(Path file, Connection connection) throws SQLException {
    if (number(connection, "SELECT count(*) FROM sqlite_schema") == 0) {
      execute(connection, "PRAGMA application_id = " + APPLICATION);
      execute(connection, "PRAGMA user_version = " + FORMAT);
      execute(
          connection,
          "CREATE TABLE usage (node TEXT NOT NULL, job TEXT NOT NULL, run INTEGER NOT NULL,"
              + " began_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, scheduler TEXT NOT NULL,"
              + " user TEXT NOT NULL, project TEXT NOT NULL, device_seconds REAL NOT NULL,"
              + " joules REAL, energy_scope TEXT NOT NULL, busy_seconds REAL, cpu_seconds REAL,"
              + " errors REAL, body TEXT NOT NULL, watt_seconds REAL, power_seconds REAL,"
              + " peak_watts REAL, peak_memory_bytes REAL,"
              + " PRIMARY KEY (node, job, run, began_ms)) STRICT, WITHOUT ROWID");
      execute(connection, "CREATE INDEX usage_ended ON usage (ended_ms)");
    }
    if (number(connection, "PRAGMA application_id") != APPLICATION
        || number(connection, "PRAGMA user_version") != FORMAT) {
      throw new StoreException(
          "usage %s: it is no file of usage that this collector reads; give the collector another directory, or move the file away"
              .formatted(file));
    }
    widen(connection);
  }

  private static StoreException damaged(Path file, SQLException why) {
    return new StoreException(
        "usage %s: the file is damaged (%s); stop the collector, put that of a backup in its place, or move it away to begin anew"
            .formatted(file, String.valueOf(why.getMessage()).replaceAll("\\s+", " ")),
        why);
  }

  /** Files of before have fewer columns; a collector of before names those that it writes. */
  private static void widen(Connection connection) throws SQLException {
    for (String column : LATER) {
      if (number(
              connection,
              "SELECT count(*) FROM pragma_table_info('usage') WHERE name = '" + column + "'")
          == 0) {
        execute(connection, "ALTER TABLE usage ADD COLUMN " + column + " REAL");
      }
    }
  }

  /** Stores all of them, durable when this returns; those that are there are left as they are. */
  public void store(List<UsageRow> rows) {
    of(() -> {
      execute(writing, "BEGIN IMMEDIATE");
      try (PreparedStatement insert =
          writing.prepareStatement(
              "INSERT OR IGNORE INTO usage (node, job, run, began_ms, ended_ms, scheduler, user,"
                  + " project, device_seconds, joules, energy_scope, busy_seconds, cpu_seconds,"
                  + " errors, body, watt_seconds, power_seconds, peak_watts, peak_memory_bytes)"
                  + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
        for (UsageRow row : rows) {
          fill(insert, row);
          insert.executeUpdate();
        }
        execute(writing, "COMMIT");
        return rows.size();
      } catch (SQLException e) {
        Database.undo(writing);
        throw e;
      }
    });
  }

  private static void fill(PreparedStatement insert, UsageRow row) throws SQLException {
    insert.setString(1, row.node());
    insert.setString(2, row.job());
    insert.setInt(3, row.run());
    insert.setLong(4, row.beganMs());
    insert.setLong(5, row.endedMs());
    insert.setString(6, row.scheduler());
    insert.setString(7, row.user());
    insert.setString(8, row.project());
    insert.setDouble(9, row.deviceSeconds());
    optional(insert, 10, row.joules());
    insert.setString(11, row.energyScope());
    optional(insert, 12, row.busySeconds());
    optional(insert, 13, row.cpuSeconds());
    optional(insert, 14, row.errors());
    insert.setString(15, row.body());
    optional(insert, 16, row.power().wattSeconds());
    insert.setDouble(17, row.power().seconds());
    optional(insert, 18, row.power().peakWatts());
    optional(insert, 19, row.peakMemoryBytes());
  }

  private static void optional(PreparedStatement insert, int at, OptionalDouble value)
      throws SQLException {
    if (value.isPresent()) {
      insert.setDouble(at, value.getAsDouble());
    } else {
      insert.setNull(at, Types.REAL);
    }
  }

  /**
   * Lets go of rows that are older than they are kept, {@value #A_TURN} at most.
   *
   * @return whether there may be more
   */
  public boolean expire(long nowMs) {
    return of(() -> {
      try (Statement statement = writing.createStatement()) {
        int gone =
            statement.executeUpdate(
                "DELETE FROM usage WHERE (node, job, run, began_ms) IN (SELECT node, job, run,"
                    + " began_ms FROM usage WHERE ended_ms < "
                    + (nowMs - kept.toMillis())
                    + " LIMIT "
                    + A_TURN
                    + ")");
        return gone == A_TURN;
      }
    });
  }

  /**
   * The runs that ended since then, added up; those with the most device time first, {@value
   * #MOST_SUMS} at most.
   */
  public List<UsageSum> sums(List<By> by, long sinceMs) {
    String columns = by.stream().map(By::word).collect(Collectors.joining(", "));
    return of(() -> {
      try (PreparedStatement select =
          reading.prepareStatement(
              "SELECT "
                  + columns
                  + ", count(*), sum(device_seconds), sum(joules),"
                  + " sum(CASE WHEN joules IS NULL THEN 0.0 ELSE device_seconds END),"
                  + " max(energy_scope), sum(busy_seconds),"
                  + " sum(CASE WHEN busy_seconds IS NULL THEN 0.0 ELSE device_seconds END),"
                  + " sum(cpu_seconds), sum(errors), sum(watt_seconds),"
                  + " sum(coalesce(power_seconds, 0.0)), max(peak_watts), max(peak_memory_bytes)"
                  + " FROM usage WHERE ended_ms >= ? GROUP BY "
                  + columns
                  + " ORDER BY sum(device_seconds) DESC LIMIT "
                  + MOST_SUMS)) {
        select.setLong(1, sinceMs);
        return sums(select, by.size());
      }
    });
  }

  private static List<UsageSum> sums(PreparedStatement select, int keys) throws SQLException {
    List<UsageSum> sums = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        List<String> key = new ArrayList<>();
        for (int i = 1; i <= keys; i++) {
          key.add(row.getString(i));
        }
        sums.add(
            new UsageSum(
                key,
                row.getLong(keys + 1),
                row.getDouble(keys + 2),
                optional(row, keys + 3),
                row.getDouble(keys + 4),
                row.getString(keys + 5),
                optional(row, keys + 6),
                row.getDouble(keys + 7),
                optional(row, keys + 8),
                optional(row, keys + 9),
                new PowerSum(
                    optional(row, keys + 10), row.getDouble(keys + 11), optional(row, keys + 12)),
                optional(row, keys + 13)));
      }
    }
    return sums;
  }

  private static OptionalDouble optional(ResultSet row, int at) throws SQLException {
    double value = row.getDouble(at);
    return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
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

  private <T> T of(Work<T> work) {
    try {
      return work.done();
    } catch (SQLException e) {
      if (StoreFile.isDamage(e)) {
        throw damaged(file, e);
      }
      throw new StoreException(
          "usage %s: the database did not do it; see to the disk".formatted(file), e);
    }
  }

  @Override
  public void close() {
    try (lock) {
      reading.close();
      writing.close();
    } catch (IOException | SQLException e) {
      LOG.warn("usage closed with trouble file={}", file, e);
    }
  }
}
