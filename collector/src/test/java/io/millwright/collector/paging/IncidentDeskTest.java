package io.millwright.collector.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.incidents.Closing;
import io.millwright.collector.incidents.Incident;
import io.millwright.collector.incidents.Notice;
import io.millwright.collector.incidents.Quiet;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.racks.RackMap;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.Snapshot;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.store.StoreIdentity;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.TxnResult;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.Term;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of incidents over the real store, when a collector ends without a word. */
@SuppressWarnings("NullAway.Init") // set before each test
class IncidentDeskTest {
  @TempDir private Path directory;
  private final ToldClock clock = new ToldClock();
  private SqliteStore store;
  private FleetState fleet = FleetState.EMPTY;

  /** Stands still until it is told otherwise. */
  private static final class ToldClock implements Clock {
    private long ms = Instant.parse("2026-11-22T10:00:00Z").toEpochMilli();
    private long wrongMs;

    @Override
    public long nanos() {
      return Duration.ofMillis(ms).toNanos();
    }

    @Override
    public Instant wall() {
      return Instant.ofEpochMilli(ms + wrongMs);
    }

    @Override
    public void parkUntil(long nanos) {
      throw new AssertionError("the desk never waits");
    }
  }

  /** Takes nothing while it is told so; the rest is the real one. */
  private static final class Ailing implements StateStore {
    private final StateStore real;
    private volatile boolean fails;

    Ailing(StateStore real) {
      this.real = real;
    }

    @Override
    public StoreIdentity identity() {
      return real.identity();
    }

    @Override
    public Term term() {
      return real.term();
    }

    @Override
    public Optional<Versioned> get(String key) {
      return real.get(key);
    }

    @Override
    public Snapshot range(String prefix) {
      return real.range(prefix);
    }

    @Override
    public CompletableFuture<TxnResult> submit(Txn txn) {
      return fails
          ? CompletableFuture.failedFuture(new StoreException("the disk is full"))
          : real.submit(txn);
    }

    @Override
    public TxnResult txn(Txn txn) {
      return real.txn(txn);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @BeforeEach
  void start() {
    store = SqliteStore.open(directory.resolve("collector.db"));
  }

  @AfterEach
  void stop() {
    store.close();
  }

  /** Nobody is there to be told: its thread is never started. */
  private Webhook mute() {
    WebhookOptions options =
        new WebhookOptions(
            URI.create("http://127.0.0.1:9/"), "secret".getBytes(StandardCharsets.UTF_8));
    return new Webhook(options, store, clock);
  }

  private IncidentDesk desk(Webhook webhook) {
    return IncidentDesk.open(store, () -> RackMap.EMPTY, Optional.of(webhook), Quiet.NEVER, clock);
  }

  private void tell(long session, boolean sick) {
    Evidence why =
        new Evidence(
            "remap-failed",
            1,
            Verdict.FAILED,
            Advice.REPLACE,
            Scope.DEVICE,
            "1 row",
            5,
            "a new device",
            Optional.of("train-r1"),
            false);
    Judgement judgement =
        new Judgement(
            new Subject.Device("0", "GPU-0"),
            sick ? Verdict.FAILED : Verdict.OK,
            sick ? List.of(why) : List.of());
    fleet =
        FleetReducer.apply(
            fleet,
            List.of(
                new Fact.Connected("n1", session, "1", clock.nanos(), clock.ms),
                new Fact.Judged(
                    "n1", clock.ms, Findings.of(session, new HealthReport(1, List.of(judgement)))),
                new Fact.Sampled(
                    "n1",
                    session,
                    clock.nanos(),
                    clock.ms,
                    0,
                    new Readings(SeriesTable.builder().build()).sample(),
                    Optional.of(sick ? Verdict.FAILED : Verdict.OK),
                    List.of())));
  }

  private void seconds(IncidentDesk desk, int count, long session, boolean sick) {
    for (int i = 0; i < count; i++) {
      clock.ms += 1000;
      tell(session, sick);
      desk.look(fleet);
    }
  }

  @Test
  void anEndWithoutAWordLosesNoIncidentAndCallsNobodyTwice() {
    Webhook first = mute();
    IncidentDesk desk = desk(first);
    seconds(desk, 20, 1, true);
    await().atMost(Duration.ofSeconds(60)).until(() -> first.waiting() == 1);
    Incident before = desk.incidents().getFirst();
    assertThat(before.page()).isEqualTo(Incident.Page.SENT);
    assertThat(desk.pagesSent()).isEqualTo(1);

    Webhook second = mute(); // as after kill -9: the store is all there is
    fleet = FleetState.EMPTY;
    IncidentDesk after = desk(second);
    assertThat(after.incidents()).containsExactly(before);
    assertThat(second.waiting()).as("what nobody took is told again").isEqualTo(1);
    seconds(after, 20, 2, true);
    assertThat(after.incidents()).extracting(Incident::id).containsExactly(before.id());
    assertThat(after.pagesSent()).isZero();
    assertThat(after.find(before.id())).isPresent();
  }

  @Test
  void whatIsStoredIsWhatIsRead() {
    Incident one = WebhookTest.incident("inc-2026-1122-7", 3, true);
    assertThat(IncidentJson.read("key", IncidentJson.text(one), Incident.class)).contains(one);
    Notice notice = new Notice(Notice.Kind.OPENED, true, one);
    assertThat(IncidentJson.read("key", IncidentJson.text(notice), Notice.class)).contains(notice);
    assertThat(IncidentJson.read("key", "{\"id\":5}", Notice.class)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {-3_600_000, 3_600_000})
  void aClockThatIsSetMutesNobodyAndHurriesNothing(int step) {
    Webhook webhook = mute();
    IncidentDesk desk = desk(webhook);
    seconds(desk, 3, 1, true);
    clock.wrongMs = step;
    seconds(desk, 5, 1, true);
    assertThat(desk.pagesSent()).isZero();
    seconds(desk, 10, 1, true);
    assertThat(desk.pagesSent()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {-3_600_000, 3_600_000})
  void aWindowEndsByTheWallClock(int step) {
    long end = clock.ms + step + Duration.ofMinutes(1).toMillis();
    Quiet quiet = (node, rule) -> OptionalLong.of(end);
    IncidentDesk desk =
        IncidentDesk.open(store, () -> RackMap.EMPTY, Optional.of(mute()), quiet, clock);
    seconds(desk, 1, 1, false);
    clock.wrongMs = step;
    seconds(desk, 50, 1, true);
    assertThat(desk.pagesSent()).isZero();
    seconds(desk, 20, 1, true);
    assertThat(desk.pagesSent()).isEqualTo(1);
  }

  @Test
  void theTenthRevisionOfAnIncidentIsAfterTheNinth() {
    Incident ninth = WebhookTest.incident("inc-2026-1122-7", 9, true);
    Incident tenth = WebhookTest.incident("inc-2026-1122-7", 10, false);
    keep(new Notice(Notice.Kind.OPENED, true, ninth));
    keep(new Notice(Notice.Kind.CLOSED, false, tenth));
    List<Integer> told = new ArrayList<>();
    IncidentDesk.waiting(store, notice -> told.add(notice.incident().revision()));
    assertThat(told).containsExactly(9, 10);
  }

  private void keep(Notice notice) {
    Op op = IncidentJson.put(IncidentDesk.outbox(notice), notice).orElseThrow();
    store.txn(new Txn(List.of(), List.of(op)));
  }

  @Test
  void whatBecamePartOfAnotherIsOneAfterAnEndInTheMidst() {
    Incident part = WebhookTest.incident("inc-2026-1122-7", 9, true);
    Incident whole =
        new Incident(
            "inc-2026-1122-5",
            List.of("inc-2026-1122-7"),
            part.cause(),
            part.summary(),
            false,
            part.severity(),
            4,
            1,
            1,
            OptionalLong.empty(),
            OptionalLong.of(9),
            part.page(),
            part.root(),
            1,
            18,
            List.of(),
            Optional.empty());
    for (Incident one : List.of(part, whole)) {
      Op op = IncidentJson.put(IncidentDesk.INCIDENTS + one.id(), one).orElseThrow();
      store.txn(new Txn(List.of(), List.of(op)));
    }
    IncidentDesk desk = desk(mute());
    assertThat(desk.incidents()).extracting(Incident::id).containsExactly("inc-2026-1122-5");
    assertThat(desk.find("inc-2026-1122-7")).isPresent();
    seconds(desk, 7, 1, false);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> store.range(IncidentDesk.INCIDENTS).values().size() == 1);
  }

  @Test
  void whatAPersonClosesIsWrittenDownAndStaysClosed() {
    IncidentDesk desk = desk(mute());
    AuditLog audit = AuditLog.open(store, clock);
    seconds(desk, 20, 1, true);
    String id = desk.incidents().getFirst().id();
    Closing why = new Closing("anna", "the device is scrapped");
    assertThat(desk.close("inc-2026-1122-99", why, true, audit)).isInstanceOf(Ruling.Unknown.class);
    assertThat(desk.close(id, why, false, audit))
        .isEqualTo(
            new Ruling.Refused<>(
                "incident %s still stands: node n1 tells its evidence now; mend the cause and it closes by itself, or say --anyway"
                    .formatted(id)));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> store.range(IncidentDesk.INCIDENTS).values().size() == 1);
    assertThat(desk(mute()).close(id, why, false, audit))
        .as("right after a start")
        .isEqualTo(
            new Ruling.Refused<>(
                "incident %s may still stand: whether node n1 is heard is not known at this moment; ask again in a minute, or say --anyway"
                    .formatted(id)));
    assertThatThrownBy(() -> desk.close(id, new Closing("anna", "a\nb"), true, audit))
        .hasMessageContaining("reason");
    assertThat(audit.head().sequence()).isZero();

    assertThat(desk.close(id, why, true, audit)).isInstanceOf(Ruling.Done.class);
    assertThat(audit.entries(0, 9))
        .singleElement()
        .satisfies(one -> {
          assertThat(one.draft().what()).isEqualTo("incident.close");
          assertThat(one.draft().subject()).isEqualTo(id);
          assertThat(one.draft().after()).isEqualTo("closed, though node n1 tells it");
          assertThat(one.draft().reason()).isEqualTo("the device is scrapped");
        });
    IncidentDesk after = desk(mute()); // as after kill -9
    seconds(after, 20, 2, true);
    assertThat(after.incidents())
        .singleElement()
        .satisfies(one -> assertThat(one.closing()).contains(why));
    assertThat(after.close(id, why, true, audit)).isInstanceOf(Ruling.Refused.class);
  }

  @Test
  void anIncidentThatAnOlderVersionStoredIsRead() {
    Incident one = WebhookTest.incident("inc-2026-1122-7", 3, true);
    String older = IncidentJson.text(one).replace(",\"closing\":null", "");
    assertThat(older).doesNotContain("closing");
    assertThat(IncidentJson.read("key", older, Incident.class)).contains(one);
  }

  @Test
  void anIdentityOfAnyLengthIsAKey() {
    String longest = "\uD83D\uDE00".repeat(300);
    assertThat(IncidentDesk.key("1652922045623")).isEqualTo("1652922045623");
    assertThat(IncidentDesk.key(longest)).hasSize(65).isNotEqualTo(IncidentDesk.key(longest + "1"));
    assertThat(IncidentDesk.key("")).hasSize(65);
    assertThat(IncidentJson.put("no key", "value")).isEmpty();
  }

  @Test
  void whatTheStoreDidNotTakeIsWrittenLater() {
    Webhook webhook = mute();
    Ailing ailing = new Ailing(store);
    ailing.fails = true;
    IncidentDesk desk =
        IncidentDesk.open(ailing, () -> RackMap.EMPTY, Optional.of(webhook), Quiet.NEVER, clock);
    seconds(desk, 20, 1, true);
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.waiting() == 1);
    assertThat(store.range(IncidentDesk.OFFENCES).values()).isEmpty();
    ailing.fails = false;
    seconds(desk, 7, 1, true);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> store.range(IncidentDesk.OFFENCES).values().size() == 1);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> store.range(IncidentDesk.INCIDENTS).values().size() == 1);
  }

  @Test
  void peopleAreToldAlsoWhereNothingCanBeKept() {
    Webhook webhook = mute();
    IncidentDesk desk = desk(webhook);
    store.close();
    seconds(desk, 20, 1, true);
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.waiting() == 1);
    assertThat(desk.incidents()).hasSize(1);
  }
}
