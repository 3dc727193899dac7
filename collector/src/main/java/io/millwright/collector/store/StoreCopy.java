package io.millwright.collector.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteErrorCode;

/**
 * A copy of one of the collector's files, as a backup holds it.
 *
 * <p><i>Threading:</i> any thread, one at a time; each call opens and closes the file.
 * <i>Failure:</i> {@link StoreException} with one sentence.
 */
public final class StoreCopy {
  private static final int BUSY_MILLISECONDS = 5_000;

  private final Kind kind;
  private final Path file;

  /** Which of the collector's files. */
  public enum Kind {
    STORE("collector.db", StoreFile.APPLICATION, StoreFile.FORMAT),
    EVENTS("events.db", EventTable.APPLICATION, EventTable.FORMAT),
    USAGE("usage.db", UsageTable.APPLICATION, UsageTable.FORMAT);

    private final String fileName;
    private final int application;
    private final int format;

    Kind(String fileName, int application, int format) {
      this.fileName = fileName;
      this.application = application;
      this.format = format;
    }

    /** Its name in the collector's directory, and in a backup. */
    public String fileName() {
      return fileName;
    }
  }

  /**
   * What a store says of itself.
   *
   * @param term the last start's number
   * @param revision of its last transaction
   */
  public record Head(StoreIdentity identity, long term, long revision) {}

  public StoreCopy(Kind kind, Path file) {
    this.kind = kind;
    this.file = file.toAbsolutePath();
  }

  /**
   * Copies a file of one moment, also while a collector writes it: a read-only connection and
   * {@code VACUUM INTO} (sqlite.org/lang_vacuum.html). The copy is its owner's alone, and the
   * caller forces it to the disk.
   */
  public static StoreCopy of(Kind kind, Path source, Path target) {
    StoreCopy original = new StoreCopy(kind, source);
    original.with(
        original.reading(),
        connection -> {
          original.requireKind(connection);
          StoreLock.makeFile(target);
          try (PreparedStatement copy = connection.prepareStatement("VACUUM INTO ?")) {
            copy.setString(1, target.toAbsolutePath().toString());
            copy.execute();
          }
          return true;
        });
    return new StoreCopy(kind, target);
  }

  /** What a copied store says of itself; of the other files nothing is known. */
  public Head head() {
    return with(
        reading(),
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet row =
                  statement.executeQuery("SELECT id, generation, term, revision FROM store")) {
            row.next();
            return new Head(
                new StoreIdentity(row.getString(1), row.getLong(2)),
                row.getLong(3),
                row.getLong(4));
          }
        });
  }

  /** Throws where it is another program's, of another format, or not whole. */
  public void check() {
    with(
        reading(),
        connection -> {
          requireKind(connection);
          String verdict = text(connection, "PRAGMA integrity_check(1)");
          if (!verdict.equals("ok")) {
            throw StoreException.damage(
                "%s: it is damaged: %s".formatted(file, verdict.replaceAll("\\s+", " ")));
          }
          return true;
        });
  }

  /**
   * Makes it the store of another generation, with these values in it; durable when this returns.
   *
   * @param generation higher than the one it has
   */
  public void renew(long generation, List<Op.Put> values) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(JournalMode.DELETE); // leaves one file
    config.setSynchronous(SynchronousMode.FULL);
    with(
        config,
        connection -> {
          long revision = head(connection) + 1;
          Database database = Database.of(connection);
          database.begin();
          for (Op.Put value : values) {
            database.apply(value, revision);
          }
          try (PreparedStatement renew =
              connection.prepareStatement("UPDATE store SET generation = ?, revision = ?")) {
            renew.setLong(1, generation);
            renew.setLong(2, revision);
            renew.executeUpdate();
          }
          database.commit();
          return true;
        });
  }

  private static long head(Connection connection) throws SQLException {
    return number(connection, "SELECT revision FROM store");
  }

  private SQLiteConfig reading() {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(BUSY_MILLISECONDS);
    return config;
  }

  private void requireKind(Connection connection) throws SQLException {
    if (number(connection, "PRAGMA application_id") != kind.application) {
      throw new StoreException(
          "%s: it is not the collector's; name a directory that a collector or its backup made"
              .formatted(file));
    }
    long format = number(connection, "PRAGMA user_version");
    if (format != kind.format) {
      throw new StoreException(
          "%s: it has format %d and this program reads format %d; use the program that wrote it"
              .formatted(file, format, kind.format));
    }
  }

  private interface Work<T> {
    T done(Connection connection) throws SQLException, IOException;
  }

  private <T> T with(SQLiteConfig config, Work<T> work) {
    try (Connection connection = config.createConnection("jdbc:sqlite:" + file)) {
      return work.done(connection);
    } catch (SQLException | IOException e) {
      throw new StoreException(file + ": " + why(e), e);
    }
  }

  private static String why(Exception failure) {
    int code = failure instanceof SQLException e ? e.getErrorCode() & 0xff : 0;
    if (code == SQLiteErrorCode.SQLITE_FULL.code) {
      return "the disk is full; make room, then try again";
    }
    if (code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code) {
      return "it is damaged, or no SQLite file; take another";
    }
    return "it cannot be read or copied (" + failure.getMessage() + "); see that you may read it";
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
