package io.millwright.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are opened, and with which sentence the others are refused. */
class StoreFileTest {
  @TempDir private Path directory = Path.of("");

  private Path file() {
    return directory.resolve("store.db");
  }

  private void refused(String sentence) {
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> SqliteStore.open(file()))
        .withMessage("store " + file() + ": " + sentence);
  }

  private static void put(StateStore store, int keys) {
    for (int i = 0; i < keys; i++) {
      store.txn(new Txn(List.of(), List.of(new Op.Put("/key/" + i, "value ".repeat(50)))));
    }
  }

  private void sql(String... statements) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Test
  void aStoreIsItsOwnersAlone() throws IOException {
    try (StateStore store = SqliteStore.open(file())) {
      put(store, 1);
      try (var files = Files.list(directory)) {
        assertThat(files)
            .allSatisfy(file ->
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .startsWith("rw-------"));
      }
    }
  }

  @Test
  void aSecondOpeningInTheSameProcessIsRefused() {
    try (StateStore store = SqliteStore.open(file())) {
      refused(
          "process %d has it open; stop that collector first, or give this one a store of its own"
              .formatted(ProcessHandle.current().pid()));
      put(store, 1);
    }
    SqliteStore.open(file()).close();
  }

  @Test
  void aSecondProcessIsRefusedWithOneSentence() throws Exception {
    try (StateStore store = SqliteStore.open(file())) {
      put(store, 1);
      Process second = Committer.start(file(), 1);
      String said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(second.waitFor()).isEqualTo(1);
      assertThat(said.strip())
          .isEqualTo(
              "store %s: process %d has it open; stop that collector first, or give this one a store of its own"
                  .formatted(file(), ProcessHandle.current().pid()));
    }
  }

  @Test
  void anyOtherFileIsRefusedAndLeftAlone() throws IOException {
    Files.writeString(file(), "nodes:\n  - n1\n");
    refused("it is no SQLite file; give the collector another path, or put the right file there");
    assertThat(file()).hasContent("nodes:\n  - n1\n");
  }

  @Test
  void theDatabaseOfAnotherProgramIsRefused() throws Exception {
    sql("CREATE TABLE moz_places (url TEXT)");
    refused(
        "it is the database of another program; give the collector another path, or put the right"
            + " file there");
  }

  @Test
  void aStoreOfANewerFormatIsRefused() throws Exception {
    SqliteStore.open(file()).close();
    sql("PRAGMA user_version = 2");
    refused(
        "it has format 2 and this collector reads format 1; give the collector another path, or put"
            + " the right file there");
  }

  @Test
  void aDirectoryIsRefused() throws IOException {
    Files.createDirectory(file());
    refused("it is no regular file; give the collector another path, or put the right file there");
  }

  @Test
  void aDirectoryThatIsMissingIsNamed() {
    Path lost = directory.resolve("lost").resolve("store.db");
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> SqliteStore.open(lost))
        .withMessage("store %s: its directory does not exist; make it, or give another path", lost);
  }

  @Test
  void aLogWithoutItsFileIsRefused() throws IOException {
    Files.writeString(directory.resolve("store.db-wal"), "what was written last");
    refused(
        "it is gone but its log store.db-wal is there; give the collector another path, or put the"
            + " right file there");
  }

  @Test
  void aFileThatACrashLeftEmptyIsMadeAgain() throws IOException {
    Files.createFile(file());
    try (StateStore store = SqliteStore.open(file())) {
      put(store, 1);
      assertThat(store.term().number()).isEqualTo(1);
    }
  }

  @Test
  void aFileWhosePagesWereOverwrittenIsRefused() throws IOException {
    made();
    try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
      for (long page = 3; page < raw.length() / 4096; page++) {
        raw.seek(page * 4096);
        raw.write(new byte[2048]);
      }
    }
    refused("the file is damaged; restore a backup, or give the collector another path");
  }

  @Test
  void aFileThatWasCutIsRefused() throws IOException {
    made();
    try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
      raw.setLength(raw.length() / 2 / 4096 * 4096);
    }
    refused("the file is damaged; restore a backup, or give the collector another path");
  }

  private void made() {
    try (StateStore store = SqliteStore.open(file())) {
      put(store, 200);
    }
    assertThat(file()).isNotEmptyFile();
  }
}
