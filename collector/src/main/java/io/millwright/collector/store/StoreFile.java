package io.millwright.collector.store;

import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.UUID;
import org.sqlite.SQLiteErrorCode;

/** Opens the file of a store: makes it, or makes sure that it is one of ours and whole. */
final class StoreFile {
  /** "MWST", in the header of the file. */
  static final int APPLICATION = 0x4d575354;

  static final int FORMAT = 1;
  private static final byte[] SQLITE = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

  /** A number that every JSON reader holds exactly. */
  private static final int START_BITS = 53;

  private final Path file;
  private final Connection connection;

  private StoreFile(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
  }

  /** What is known of a store once it is open. */
  record Opened(Connection connection, StoreIdentity identity, Term term, long revision) {}

  /** Opens the file under a new term; the caller has the lock. */
  static Opened open(Path file) throws IOException, SQLException {
    refuseForeign(file);
    StoreLock.makeFile(file);
    try {
      return begin(file, Database.connect(file));
    } catch (SQLException e) {
      if (isDamage(e)) {
        throw damaged(file, e);
      }
      throw e;
    }
  }

  private static Opened begin(Path file, Connection connection) throws SQLException {
    try {
      return new StoreFile(file, connection).begin();
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static void refuseForeign(Path file) throws IOException {
    if (!Files.exists(file)) {
      refuseOrphanedLog(file);
      return;
    }
    if (!Files.isRegularFile(file)) {
      throw foreign(file, "it is no regular file");
    }
    try (var in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(SQLITE.length);
      if (head.length > 0 && !Arrays.equals(head, SQLITE)) {
        throw foreign(file, "it is no SQLite file");
      }
    }
  }

  private static void refuseOrphanedLog(Path file) {
    Path log = file.resolveSibling(file.getFileName() + "-wal");
    if (Files.exists(log)) {
      throw foreign(file, "it is gone but its log %s is there".formatted(log.getFileName()));
    }
  }

  private static StoreException foreign(Path file, String why) {
    return new StoreException(
        "store %s: %s; give the collector another path, or put the right file there"
            .formatted(file, why));
  }

  private static StoreException damaged(Path file, SQLException cause) {
    return new StoreException(
        "store %s: the file is damaged; restore a backup, or give the collector another path"
            .formatted(file),
        cause);
  }

  /** Whether SQLite calls the file damaged, or none of its own. */
  static boolean isDamage(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    return code == SQLiteErrorCode.SQLITE_CORRUPT.code
        || code == SQLiteErrorCode.SQLITE_NOTADB.code;
  }

  private Opened begin() throws SQLException {
    requireDurable();
    if (number("SELECT count(*) FROM sqlite_schema") == 0 && number("PRAGMA application_id") == 0) {
      make();
    }
    requireOurs();
    requireWhole();
    execute("UPDATE store SET term = term + 1, start = " + randomStart());
    return opened();
  }

  /** SQLite falls back without a word where a file system cannot do what WAL needs. */
  private void requireDurable() throws SQLException {
    if (!text("PRAGMA journal_mode").equals("wal") || number("PRAGMA synchronous") != 2) {
      throw foreign(file, "its file system cannot keep a write-ahead log");
    }
  }

  /** In one transaction: a crash leaves an empty file, which is made again. */
  private void make() throws SQLException {
    execute("BEGIN IMMEDIATE");
    execute("PRAGMA application_id = " + APPLICATION);
    execute("PRAGMA user_version = " + FORMAT);
    execute(
        "CREATE TABLE store (id TEXT NOT NULL, generation INTEGER NOT NULL, term INTEGER NOT NULL,"
            + " start INTEGER NOT NULL, revision INTEGER NOT NULL) STRICT");
    execute(
        "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL)"
            + " STRICT, WITHOUT ROWID");
    execute("INSERT INTO store VALUES ('" + UUID.randomUUID() + "', 1, 0, 0, 0)");
    execute("COMMIT");
  }

  private void requireOurs() throws SQLException {
    if (number("PRAGMA application_id") != APPLICATION) {
      throw foreign(file, "it is the database of another program");
    }
    long format = number("PRAGMA user_version");
    if (format != FORMAT) {
      throw foreign(
          file, "it has format %d and this collector reads format %d".formatted(format, FORMAT));
    }
  }

  private void requireWhole() throws SQLException {
    String verdict = text("PRAGMA quick_check(1)");
    if (!verdict.equals("ok")) {
      throw damaged(file, new SQLException(verdict));
    }
    if (number("SELECT count(*) FROM store") != 1) {
      throw damaged(file, new SQLException("the identity is missing"));
    }
  }

  private static long randomStart() {
    return new SecureRandom().nextLong() >>> (Long.SIZE - START_BITS);
  }

  private Opened opened() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT id, generation, term, start, revision FROM store")) {
      row.next();
      long generation = row.getLong(2);
      return new Opened(
          connection,
          new StoreIdentity(row.getString(1), generation),
          new Term(generation, row.getLong(3), row.getLong(4)),
          row.getLong(5));
    }
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

  private String text(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
