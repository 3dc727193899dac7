package io.millwright.collector.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millwright.collector.Main;
import io.millwright.collector.recovery.RecoveryNote;
import io.millwright.collector.store.EventMark;
import io.millwright.collector.store.EventTable;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.PowerSum;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.UsageRow;
import io.millwright.collector.store.UsageTable;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is copied of a collector, what comes back of it, and with which sentence it does not. */
class BackupTest {
  private static final Map<String, EventMark> MARKS =
      Map.of("n1", new EventMark(new UUID(1, 2), 7));

  @TempDir private Path directory = Path.of("");

  private Path data() {
    return directory.resolve("data");
  }

  private Path copy() {
    return directory.resolve("copy");
  }

  private Path fresh() {
    return directory.resolve("fresh");
  }

  private static void put(StateStore store, int from, int to) {
    for (int i = from; i < to; i++) {
      store.txn(new Txn(List.of(), List.of(new Op.Put("/key/" + i, "value ".repeat(50)))));
    }
  }

  private SqliteStore opened(Path where) {
    return SqliteStore.open(where.resolve("collector.db"));
  }

  private EventTable events(Path where) {
    return EventTable.open(where.resolve("events.db"), EventTable.Limits.USUAL);
  }

  private UsageTable usage(Path where) {
    return UsageTable.open(where.resolve("usage.db"), Duration.ofDays(400));
  }

  /** A collector that is stopped, of 200 keys, one mark of events and one account. */
  private void stopped() throws IOException {
    Files.createDirectory(data());
    try (StateStore store = opened(data());
        EventTable events = events(data());
        UsageTable usage = usage(data())) {
      put(store, 0, 200);
      events.store(List.of(), MARKS, 1);
      usage.store(List.of(row("slurm-1")));
    }
  }

  private static UsageRow row(String job) {
    return new UsageRow(
        "n1",
        job,
        1,
        "slurm",
        "anna",
        "llm",
        1,
        2,
        0.001,
        OptionalDouble.of(5),
        "gpu",
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        new PowerSum(OptionalDouble.empty(), 0, OptionalDouble.empty()),
        OptionalDouble.empty(),
        "{}");
  }

  private static List<String> jobs(UsageTable usage) {
    return usage.sums(List.of(UsageTable.By.JOB), 0).stream()
        .map(sum -> sum.key().getFirst())
        .toList();
  }

  private BackupManifest backedUp() {
    return new Backup(data(), copy(), Clock.system()).make().manifest();
  }

  private Restore.Restored restored(OptionalLong generation) {
    return new Restore(copy(), fresh(), generation)
        .run(
            of -> RecoveryNote.restored(Instant.EPOCH, of.backup().words(), of.generation()).put());
  }

  private void refusedBackup(String sentence) {
    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(this::backedUp)
        .withMessage(sentence);
    assertThat(names(directory)).containsOnly("data");
  }

  private void refusedRestore(String sentence) {
    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> restored(OptionalLong.empty()))
        .withMessage(sentence);
    assertThat(names(fresh())).noneMatch(name -> !name.endsWith(".lock"));
  }

  private static List<String> names(Path where) {
    if (!Files.isDirectory(where)) {
      return List.of();
    }
    try (var files = Files.list(where)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sql(Path file, String... statements) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Test
  void whatStoodAtTheBackupComesBackAsAnotherGeneration() throws Exception {
    Files.createDirectory(data());
    BackupManifest manifest;
    try (SqliteStore store = opened(data());
        EventTable events = events(data());
        UsageTable usage = usage(data())) {
      put(store, 0, 200);
      events.store(List.of(), MARKS, 1);
      usage.store(List.of(row("slurm-1")));
      manifest = backedUp(); // while all of them are written
      put(store, 200, 300);
      usage.store(List.of(row("slurm-2")));
      assertThat(manifest.store()).isEqualTo(store.identity());
      assertThat(manifest.term()).isEqualTo(store.term().number());
      assertThat(manifest.revision()).isEqualTo(200);
    }
    restored(OptionalLong.empty());
    try (SqliteStore store = opened(fresh());
        EventTable events = events(fresh());
        UsageTable usage = usage(fresh())) {
      assertThat(jobs(usage)).containsExactly("slurm-1");
      assertThat(store.range("/key/").values()).hasSize(200);
      assertThat(store.identity().id()).isEqualTo(manifest.store().id());
      assertThat(store.identity().generation()).isEqualTo(2);
      assertThat(store.term().generation()).isEqualTo(2);
      assertThat(store.get("/mw/recovery").map(Versioned::value).orElse(""))
          .contains("\"phase\":\"restored\"", "as generation 2 from the backup of store ");
      assertThat(events.marks()).isEqualTo(MARKS);
      put(store, 200, 201);
    }
  }

  @Test
  void aStoppedCollectorIsBackedUpToo() throws IOException {
    stopped();
    assertThat(backedUp().files()).hasSize(3);
    restored(OptionalLong.empty());
    try (SqliteStore store = opened(fresh())) {
      assertThat(store.range("/key/").values()).hasSize(200);
    }
  }

  @Test
  void aCollectorThatHasNoEventsYetIsBackedUpWithoutThem() throws IOException {
    Files.createDirectory(data());
    opened(data()).close();
    assertThat(backedUp().files()).hasSize(1);
    restored(OptionalLong.empty());
    assertThat(names(fresh())).containsExactly("collector.db", "collector.db.lock");
  }

  @Test
  void allOfItIsItsOwnersAlone() throws IOException {
    stopped();
    backedUp();
    restored(OptionalLong.empty());
    assertThat(names(copy()))
        .containsExactly("backup.json", "collector.db", "events.db", "usage.db");
    for (Path where : List.of(copy(), fresh())) {
      assertThat(mode(where)).isEqualTo("rwx------");
      for (String name : names(where)) {
        assertThat(mode(where.resolve(name))).isEqualTo("rw-------");
      }
    }
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void aHigherGenerationCanBeNamedAndNoLowerOne() throws IOException {
    stopped();
    backedUp();
    assertThatExceptionOfType(BackupException.class)
        .isThrownBy(() -> restored(OptionalLong.of(1)))
        .withMessage(
            "--generation: '1' is refused; allowed is from 2, the one behind the backup's, to 1048576");
    assertThat(restored(OptionalLong.of(9)).generation()).isEqualTo(9);
    try (SqliteStore store = opened(fresh())) {
      assertThat(store.term().generation()).isEqualTo(9);
    }
  }

  @Test
  void nothingIsWrittenOver() throws IOException {
    stopped();
    Files.createDirectory(copy());
    assertThatExceptionOfType(BackupException.class)
        .isThrownBy(this::backedUp)
        .withMessage(
            "backup %s: it is there already and is not written over; name a directory that is not",
            copy());
    Files.delete(copy());
    backedUp();
    restored(OptionalLong.empty());
    assertThatExceptionOfType(BackupException.class)
        .isThrownBy(() -> restored(OptionalLong.empty()))
        .withMessage(
            "restore into %s: collector.db is there and is not written over; move it aside, or name another directory",
            fresh());
  }

  @Test
  void aCollectorThatRunsIsNotRestoredOver() throws IOException {
    stopped();
    backedUp();
    Files.createDirectory(fresh());
    try (StateStore running = opened(fresh())) {
      assertThatExceptionOfType(StoreException.class)
          .isThrownBy(() -> restored(OptionalLong.empty()))
          .withMessageContaining("has it open; stop that collector first");
      put(running, 0, 1);
    }
  }

  @Test
  void noStoreIsNoBackup() throws IOException {
    Files.createDirectory(data());
    refusedBackup(
        "backup: no store is in %s; name the directory that the collector has with --data"
            .formatted(data()));
  }

  @Test
  void theDatabaseOfAnotherProgramIsNotBackedUp() throws Exception {
    Files.createDirectory(data());
    sql(data().resolve("collector.db"), "CREATE TABLE moz_places (url TEXT)");
    refusedBackup(
        "%s: it is not the collector's; name a directory that a collector or its backup made"
            .formatted(data().resolve("collector.db")));
  }

  @Test
  void aStoreOfANewerFormatIsNotBackedUp() throws Exception {
    stopped();
    sql(data().resolve("events.db"), "PRAGMA user_version = 2");
    refusedBackup(
        "%s: it has format 2 and this program reads format 1; use the program that wrote it"
            .formatted(data().resolve("events.db")));
  }

  @Test
  void aDamagedStoreIsNotBackedUp() throws IOException {
    stopped();
    overwritten(data().resolve("collector.db"));
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(this::backedUp)
        .withMessageContaining("damaged");
    assertThat(names(directory)).containsOnly("data");
  }

  @Test
  void damagedAccountsAreLeftOutAndSaid() throws IOException {
    stopped();
    try (UsageTable usage = usage(data())) {
      usage.store(IntStream.range(0, 500).mapToObj(number -> row("slurm-" + number)).toList());
    }
    overwritten(data().resolve("usage.db"));
    Backup.Made made = new Backup(data(), copy(), Clock.system()).make();
    assertThat(made.manifest().files()).hasSize(2);
    assertThat(made.without().orElse(""))
        .startsWith("backup: " + data().resolve("usage.db") + " is damaged and left out (")
        .endsWith("put that of an earlier backup in its place, or move it away");
    assertThat(names(copy())).containsExactly("backup.json", "collector.db", "events.db");
    assertThat(Main.run("collector", "backup", "--data", data().toString(), "--to", copy() + "-2"))
        .as("a supervisor is to see it")
        .isEqualTo(1);
    restored(OptionalLong.empty());
    try (SqliteStore store = opened(fresh())) {
      assertThat(store.range("/key/").values()).hasSize(200);
    }
    try (UsageTable usage = usage(data())) {
      assertThatExceptionOfType(StoreException.class)
          .as("a collector starts on them, and says so when it reads them")
          .isThrownBy(() -> jobs(usage))
          .withMessageContaining("usage.db: the file is damaged (")
          .withMessageContaining("put that of a backup in its place");
    }
  }

  @Test
  void accountsOfAnotherProgramAreNoDamage() throws Exception {
    stopped();
    sql(data().resolve("usage.db"), "PRAGMA user_version = 2");
    refusedBackup(
        "%s: it has format 2 and this program reads format 1; use the program that wrote it"
            .formatted(data().resolve("usage.db")));
  }

  private static void overwritten(Path file) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      for (long page = 3; page < raw.length() / 4096; page++) {
        raw.seek(page * 4096);
        raw.write(new byte[2048]);
      }
    }
  }

  @Test
  void aCopyThatChangedIsNotRestored() throws IOException {
    stopped();
    String before = backedUp().files().getFirst().sha256();
    overwritten(copy().resolve("collector.db"));
    String now = BackupFiles.sha256(copy().resolve("collector.db"));
    refusedRestore(
        "%s: it is not the file that was backed up, its SHA-256 is %s and not %s; take another backup"
            .formatted(copy().resolve("collector.db"), now, before));
    Files.delete(copy().resolve("collector.db"));
    refusedRestore(
        "%s: it is missing; the backup is not whole, take another"
            .formatted(copy().resolve("collector.db")));
  }

  /** Its sum is right, and yet it is no whole database. */
  @Test
  void aCopyThatWasDamagedBeforeItsSumIsNotRestored() throws IOException {
    stopped();
    BackupManifest made = backedUp();
    Path store = copy().resolve("collector.db");
    overwritten(store);
    Files.write(
        copy().resolve("backup.json"),
        new BackupManifest(
                made.store(),
                made.term(),
                made.revision(),
                made.takenAt(),
                List.of(
                    new BackupManifest.Copied(
                        made.files().getFirst().kind(),
                        Files.size(store),
                        BackupFiles.sha256(store))))
            .json());
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> restored(OptionalLong.empty()))
        .withMessageContaining("damaged");
    assertThat(names(fresh())).containsExactly("collector.db.lock");
  }

  @Test
  void aBackupWithoutAReadableListIsNotRestored() throws IOException {
    stopped();
    backedUp();
    Path list = copy().resolve("backup.json");
    String text = Files.readString(list);
    Files.writeString(list, text.replace("\"format\":1", "\"format\":2"));
    refusedRestore(list + ": format: 2 is refused; allowed is 1: use the program that made it");
    Files.writeString(list, text.substring(0, 40));
    assertThatExceptionOfType(BackupException.class)
        .isThrownBy(() -> restored(OptionalLong.empty()))
        .withMessageContaining("the text ends too early");
    Files.delete(list);
    refusedRestore(
        "%s: it cannot be read (NoSuchFileException: %s); name a directory that 'millwright collector backup' made"
            .formatted(list, list));
  }

  /** No file of that process may be larger than 16 KiB: writing fails as on a full disk. */
  @Test
  void whatCannotBeWrittenLeavesNothing() throws Exception {
    stopped();
    assertThat(limited("backup", "--data", data(), "--to", copy()))
        .startsWith(directory.toString())
        .contains("collector.db: it cannot be read or copied");
    assertThat(names(directory)).containsOnly("data");
    backedUp();
    assertThat(limited("restore", "--from", copy(), "--data", fresh()))
        .contains("restore into " + fresh() + ": it cannot be written (");
    assertThat(names(fresh())).containsExactly("collector.db.lock");
  }

  private static String limited(Object... words) throws Exception {
    StringBuilder command =
        new StringBuilder("ulimit -f 16 && exec \"$0\" -XX:-UsePerfData -cp \"$1\" ")
            .append(Main.class.getName())
            .append(" collector");
    for (Object word : words) {
      command.append(" '").append(word).append('\'');
    }
    Process limited =
        new ProcessBuilder(
                "bash",
                "-c",
                command.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                System.getProperty("java.class.path"))
            .redirectErrorStream(true)
            .start();
    String said = new String(limited.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(limited.waitFor()).as(said).isEqualTo(78);
    return said.lines().filter(line -> !line.contains("WARNING")).reduce((a, b) -> b).orElse("");
  }

  @Test
  void theCommandsSayWhatTheyDid() throws IOException {
    stopped();
    String[] backup = {
      "collector", "backup", "--data", data().toString(), "--to", copy().toString()
    };
    assertThat(Main.run(backup)).isZero();
    assertThat(Main.run(backup)).isEqualTo(78);
    String[] restore = {
      "collector", "restore", "--from", copy().toString(), "--data", fresh().toString()
    };
    assertThat(Main.run(restore)).isZero();
    assertThat(Main.run(restore)).isEqualTo(78);
    assertThat(Main.run("collector", "restore")).isEqualTo(64);
  }
}
