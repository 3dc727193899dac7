package io.millwright.collector.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.sqlite.SQLiteConfig;

/**
 * Reads a store that a collector may have open: it writes nothing, takes no lock and begins no
 * term.
 *
 * <p><i>Failure:</i> {@link StoreException} with one sentence.
 */
public final class StoreReading {
  private StoreReading() {}

  /** All that stands under the keys that begin so, in the order of the keys. */
  public static List<Versioned> range(Path file, String prefix) {
    Path absolute = file.toAbsolutePath();
    if (!Files.isRegularFile(absolute)) {
      throw new StoreException(
          "store %s: it is not there; name the directory that the collector has with --data"
              .formatted(absolute));
    }
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    try (Connection connection = config.createConnection("jdbc:sqlite:" + absolute);
        Database database = Database.of(connection)) {
      return database.range(prefix);
    } catch (SQLException e) {
      throw new StoreException(
          "store %s: it cannot be read; see that it is the collector's and may be read"
              .formatted(absolute),
          e);
    }
  }
}
