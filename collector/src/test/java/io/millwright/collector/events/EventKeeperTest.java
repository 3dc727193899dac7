package io.millwright.collector.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.store.EventQuery;
import io.millwright.collector.store.EventRow;
import io.millwright.collector.store.EventTable;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.event.EventKind;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
import io.millwright.protocol.vocabulary.job.HostAccount;
import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keeper's turns, one after the other, over a real file that a trigger makes refuse. */
class EventKeeperTest {
  private static final UUID JOURNAL = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final int A_TURN = 1_000;
  private static final int MOST_WAITING = 20_000;

  @TempDir private Path directory;
  private EventKeeper keeper;

  /** What a session was told. */
  private static final class Heard implements EventSource {
    private final List<Long> durable = new ArrayList<>();
    private int again;

    @Override
    public void durable(long sequence) {
      durable.add(sequence);
    }

    @Override
    public void again(String why) {
      again++;
    }
  }

  @BeforeEach
  void open() {
    keeper = keeper(EventTable.Limits.USUAL);
  }

  private EventKeeper keeper(EventTable.Limits limits) {
    return new EventKeeper(
        EventTable.open(directory.resolve("events.db"), limits), List::of, Clock.system());
  }

  @AfterEach
  void close() {
    keeper.close();
  }

  private void sql(String text) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("events.db"));
        Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  private void breakDisk() throws SQLException {
    sql("CREATE TRIGGER full BEFORE UPDATE ON total BEGIN SELECT RAISE(ABORT, 'full'); END");
  }

  private void mendDisk() throws SQLException {
    sql("DROP TRIGGER full");
  }

  private void tell(EventSource source, String node, long first, long last) {
    for (long sequence = first; sequence <= last; sequence++) {
      keeper.tell(new EventSink.Told(node, JOURNAL, sequence, sequence, event(), source));
    }
  }

  private static NodeEvent accounted() {
    RunAccount account =
        new RunAccount(
            new RunId("slurm-1", 1),
            "slurm",
            "anna",
            "llm",
            1,
            2,
            "",
            false,
            1,
            List.of(),
            HostAccount.UNKNOWN);
    return new NodeEvent(
        "boot",
        EventKind.JOB_ACCOUNTED.word(),
        Severity.INFO,
        "",
        "",
        "",
        "",
        1,
        5,
        5,
        Optional.of(account.run().text()),
        "A run is accounted.",
        Optional.of(account));
  }

  private static NodeEvent event() {
    return new NodeEvent(
        "boot",
        EventKind.ERROR_CODE.word(),
        Severity.FATAL,
        "GPU-1",
        "3",
        "",
        "79",
        1,
        5,
        5,
        Optional.empty(),
        "it fell off the bus");
  }

  private void turns() {
    for (int turns = 0; keeper.waiting() > 0 && turns < 100; turns++) {
      keeper.turn();
    }
    keeper.turn();
  }

  private List<EventRow> kept(int most) {
    CompletableFuture<List<EventRow>> rows =
        keeper.find(EventQuery.behind(0, most)).thenApply(found -> found.rows());
    keeper.turn();
    return rows.join();
  }

  /** The first thousand fails, the disk is well again, and more of the session still waits. */
  @Test
  void nothingIsKeptBehindAGapThatTheDiskMade() throws SQLException {
    Heard session = new Heard();
    tell(session, "n1", 1, 2 * A_TURN + 500);
    breakDisk();
    keeper.turn();
    mendDisk();
    turns();
    tell(session, "n1", 2 * A_TURN + 501, 2 * A_TURN + 600); // was being decoded meanwhile
    turns();
    assertThat(session.again).isEqualTo(1);
    assertThat(session.durable).isEmpty();
    assertThat(keeper.opened("n1", JOURNAL)).isZero();
    Heard next = new Heard();
    tell(next, "n1", 1, 2 * A_TURN + 600);
    turns();
    assertThat(next.durable).last().isEqualTo(2 * A_TURN + 600L);
    assertThat(kept(10_000)).hasSize(2 * A_TURN + 600);
    assertThat(keeper.received()).isEqualTo(2 * A_TURN + 600);
  }

  @Test
  void nothingIsKeptBehindAGapThatAFloodMade() {
    Heard flood = new Heard();
    tell(flood, "n1", 1, MOST_WAITING + A_TURN / 2);
    turns();
    tell(flood, "n1", MOST_WAITING + A_TURN, MOST_WAITING + A_TURN + 10);
    turns();
    assertThat(flood.again).isEqualTo(1);
    assertThat(flood.durable).isEmpty();
    assertThat(keeper.opened("n1", JOURNAL)).isZero();
    assertThat(kept(10)).isEmpty();
  }

  /** The file of accounts is sick, and that of events is well. */
  @Test
  void accountsThatCannotBeKeptKeepNoOtherEventsBack() {
    keeper.close();
    AtomicBoolean sick = new AtomicBoolean(true);
    List<EventSink.Told> taken = new ArrayList<>();
    keeper =
        new EventKeeper(
            EventTable.open(directory.resolve("events.db"), EventTable.Limits.USUAL),
            List::of,
            uuid -> Optional.empty(),
            accounted -> {
              assertThat(accounted).as("nothing is touched without accounts").isNotEmpty();
              if (sick.get()) {
                throw new StoreException("usage usage.db: the database did not do it");
              }
              taken.addAll(accounted);
            },
            Clock.system());
    Heard accounting = new Heard();
    Heard well = new Heard();
    tell(accounting, "n1", 1, 2);
    keeper.tell(new EventSink.Told("n1", JOURNAL, 3, 3, accounted(), accounting));
    tell(accounting, "n1", 4, 5);
    tell(well, "n2", 1, 7);
    turns();
    assertThat(well.durable).containsExactly(7L);
    assertThat(well.again).isZero();
    assertThat(accounting.durable).isEmpty();
    assertThat(accounting.again).isEqualTo(1);
    assertThat(keeper.opened("n1", JOURNAL)).isZero();
    assertThat(keeper.trouble()).hasValueSatisfying(why -> assertThat(why).contains("usage.db"));
    assertThat(kept(100)).hasSize(7);
    sick.set(false);
    Heard next = new Heard();
    tell(next, "n1", 1, 2);
    keeper.tell(new EventSink.Told("n1", JOURNAL, 3, 3, accounted(), next));
    turns();
    assertThat(next.durable).containsExactly(3L);
    assertThat(taken).hasSize(1);
    assertThat(keeper.trouble()).isEmpty();
  }

  @Test
  void aSessionThatIsBrokenBreaksNoOther() throws SQLException {
    Heard broken = new Heard();
    Heard well = new Heard();
    tell(broken, "n1", 1, 1);
    breakDisk();
    keeper.turn();
    mendDisk();
    tell(broken, "n1", 2, 2);
    tell(well, "n2", 1, 7);
    turns();
    assertThat(well.durable).containsExactly(7L);
    assertThat(well.again).isZero();
    assertThat(keeper.opened("n2", JOURNAL)).isEqualTo(7);
  }

  /** One that is no trouble of the disk: whoever is asked for the ticket of a part fails. */
  @Test
  void anythingThatGoesWrongLeavesTheEventsWithTheirAgent() {
    keeper.close();
    AtomicBoolean wrong = new AtomicBoolean(true);
    keeper =
        new EventKeeper(
            EventTable.open(directory.resolve("events.db"), EventTable.Limits.USUAL),
            List::of,
            uuid -> {
              if (wrong.get()) {
                throw new IllegalStateException("a defect");
              }
              return Optional.of("RMA-7");
            },
            accounted -> {},
            Clock.system());
    Heard session = new Heard();
    tell(session, "n1", 1, 5);
    turns();
    assertThat(session.durable).isEmpty();
    assertThat(keeper.received()).isZero();
    wrong.set(false);
    tell(session, "n1", 6, 7); // would stand behind the gap
    turns();
    assertThat(session.again).isEqualTo(1);
    Heard next = new Heard();
    assertThat(keeper.opened("n1", JOURNAL)).isZero();
    tell(next, "n1", 1, 7);
    turns();
    assertThat(next.durable).containsExactly(7L);
    assertThat(kept(10))
        .hasSize(7)
        .allSatisfy(row -> {
          assertThat(row.message()).isEqualTo("it fell off the bus");
          assertThat(row.ticket()).isEqualTo("RMA-7");
        });
  }

  @Test
  void whoCannotBeToldKeepsNoOtherFromIt() {
    EventSource bad =
        new EventSource() {
          @Override
          public void durable(long sequence) {
            throw new IllegalStateException("a defect");
          }

          @Override
          public void again(String why) {}
        };
    Heard good = new Heard();
    keeper.listen(() -> {
      throw new IllegalStateException("another");
    });
    tell(bad, "n1", 1, 2);
    tell(good, "n2", 1, 3);
    turns();
    assertThat(good.durable).containsExactly(3L);
    assertThat(kept(10)).hasSize(5);
  }

  /** Whoever asks much waits for what is to be stored, not the other way round. */
  @Test
  void fewQuestionsAreAnsweredATurn() {
    List<CompletableFuture<?>> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      asked.add(keeper.find(EventQuery.behind(0, 10)));
    }
    keeper.turn();
    assertThat(asked).filteredOn(CompletableFuture::isDone).hasSize(4);
    for (int i = 0; i < 4; i++) {
      keeper.turn();
    }
    assertThat(asked).allMatch(CompletableFuture::isDone);
  }

  /** What comes faster than a thousand in ten seconds goes as fast. */
  @Test
  void theBoundHoldsUnderLoad() {
    keeper.close();
    EventTable.Limits small = new EventTable.Limits(200_000, Duration.ofDays(1));
    keeper = keeper(small);
    Heard session = new Heard();
    for (int batch = 0; batch < 5; batch++) {
      tell(session, "n1", 1 + (long) batch * A_TURN, (long) (batch + 1) * A_TURN);
      keeper.turn();
      assertThat(keeper.bytes()).isLessThanOrEqualTo(small.bytes());
    }
    assertThat(kept(10_000)).last().extracting(EventRow::atMs).isEqualTo(5L * A_TURN);
  }
}
