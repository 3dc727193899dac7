package io.millwright.collector.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.collector.store.PowerSum;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.store.UsageTable;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.DeviceAccount;
import io.millwright.protocol.vocabulary.job.HostAccount;
import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept and let go of, over a real file that a trigger makes refuse. */
class UsageDeskTest {
  private static final int A_TURN = 1_000;

  @TempDir private Path directory;
  private UsageTable table;
  private UsageDesk desk;

  @BeforeEach
  void open() {
    table = UsageTable.open(directory.resolve("usage.db"), Duration.ofDays(1));
    desk = new UsageDesk(table, Clock.system());
  }

  @AfterEach
  void close() {
    desk.close();
  }

  private void sql(String text) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("usage.db"));
        Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  private static UsageDesk.Told told(int run, long endedMs) {
    return new UsageDesk.Told(
        "n1",
        new RunAccount(
            new RunId("slurm-" + run, 1),
            "slurm",
            "anna",
            "llm",
            endedMs - 1,
            endedMs,
            "",
            false,
            1,
            List.of(),
            HostAccount.UNKNOWN));
  }

  private static UsageDesk.Told recent(int run) {
    return told(run, Clock.system().wall().toEpochMilli());
  }

  private int kept() {
    return table.sums(List.of(UsageTable.By.JOB), 0).size();
  }

  /** Far more became old at once than go at once. */
  @Test
  void whatIsOldGoesAsLongAsThereIsMore() {
    desk.keep(IntStream.range(0, 3 * A_TURN).mapToObj(run -> told(run, 2)).toList());
    assertThat(kept()).isEqualTo(2 * A_TURN);
    desk.keep(List.of());
    assertThat(kept()).as("nothing is touched without accounts").isEqualTo(2 * A_TURN);
    desk.keep(List.of(recent(9_999)));
    desk.keep(List.of(recent(10_000)));
    assertThat(kept()).isEqualTo(2);
  }

  private UsageDesk.Told drawing(int run, boolean shared, double coverage) {
    long nowMs = Clock.system().wall().toEpochMilli();
    return new UsageDesk.Told(
        "n1",
        new RunAccount(
            new RunId("slurm-" + run, 1),
            "slurm",
            "anna",
            "llm",
            nowMs - 100_000,
            nowMs,
            "",
            shared,
            coverage,
            List.of(
                new DeviceAccount(
                    "GPU-1",
                    100,
                    OptionalDouble.empty(),
                    "",
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.of(400),
                    OptionalDouble.of(900),
                    Map.of())),
            HostAccount.UNKNOWN));
  }

  @Test
  void wattsCountForTheTimeOfTheirSamples() {
    desk.keep(List.of(drawing(1, false, 0.25)));
    assertThat(table.sums(List.of(UsageTable.By.USER), 0).getFirst().power())
        .isEqualTo(new PowerSum(OptionalDouble.of(10_000), 25, OptionalDouble.of(900)));
  }

  @Test
  void wattsOfASharedDeviceAreNobodys() {
    desk.keep(List.of(drawing(1, true, 1)));
    assertThat(table.sums(List.of(UsageTable.By.USER), 0).getFirst().power())
        .isEqualTo(new PowerSum(OptionalDouble.empty(), 0, OptionalDouble.empty()));
  }

  /** As a collector of before made it. */
  @Test
  void aFileOfBeforeGetsTheColumnsThatItLacks() throws SQLException {
    desk.keep(List.of(recent(1)));
    table.close();
    for (String column :
        List.of("watt_seconds", "power_seconds", "peak_watts", "peak_memory_bytes")) {
      sql("ALTER TABLE usage DROP COLUMN " + column);
    }
    open();
    desk.keep(List.of(recent(2)));
    assertThat(kept()).isEqualTo(2);
    assertThat(table.sums(List.of(UsageTable.By.USER), 0).getFirst().power().meanWatts()).isEmpty();
  }

  @Test
  void whatCannotBeLetGoOfKeepsNothingFromBeingKept() throws SQLException {
    sql("CREATE TRIGGER stuck BEFORE DELETE ON usage BEGIN SELECT RAISE(ABORT, 'stuck'); END");
    desk.keep(List.of(told(1, 2), recent(2)));
    assertThat(kept()).isEqualTo(2);
  }

  /** The database has undone it already, and says so where it is asked to. */
  @Test
  void theCauseIsNotHidden() throws SQLException {
    sql("CREATE TRIGGER full BEFORE INSERT ON usage BEGIN SELECT RAISE(ROLLBACK, 'full'); END");
    assertThatThrownBy(() -> desk.keep(List.of(recent(1))))
        .isInstanceOf(StoreException.class)
        .hasRootCauseMessage(
            "[SQLITE_CONSTRAINT_TRIGGER] A RAISE function within a trigger fired, causing the SQL"
                + " statement to abort (full)");
    sql("DROP TRIGGER full");
    desk.keep(List.of(recent(1)));
    assertThat(kept()).isEqualTo(1);
  }
}
