package io.millwright.collector.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The embedded store does what every store does. */
class SqliteStoreTest extends StateStoreConformance {
  @TempDir private Path directory = Path.of("");

  @Override
  protected StateStore open() {
    return SqliteStore.open(directory.resolve("store.db"));
  }
}
