package io.millwright.collector.returns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.incidents.Parts;
import io.millwright.collector.operations.Operating.News;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.TxnResult;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Returned parts over the real store; where they are is told. */
@SuppressWarnings("NullAway.Init") // set before each test
class ReturnsDeskTest {
  @TempDir private Path directory;
  private final ToldClock clock = new ToldClock();
  private final List<News> news = new ArrayList<>();
  private final Map<String, String> nodes = new HashMap<>();
  private Set<String> heard = Set.of("n1", "n2");
  private SqliteStore store;
  private AuditLog audit;
  private ReturnsDesk desk;

  /** Stands still until it is told otherwise. */
  private static final class ToldClock implements Clock {
    private long ms = Instant.parse("2026-11-22T10:00:00Z").toEpochMilli();

    @Override
    public long nanos() {
      return Duration.ofMillis(ms).toNanos();
    }

    @Override
    public Instant wall() {
      return Instant.ofEpochMilli(ms);
    }

    @Override
    public void parkUntil(long nanos) {
      throw new AssertionError("the desk never waits");
    }
  }

  @BeforeEach
  void start() {
    store = SqliteStore.open(directory.resolve("collector.db"));
    audit = AuditLog.open(store, clock);
    nodes.put("S1", "n1");
    desk = desk();
  }

  @AfterEach
  void stop() {
    store.close();
  }

  private ReturnsDesk desk() {
    return ReturnsDesk.open(
        store,
        audit,
        () -> new Parts(nodes, Map.of("GPU-1", "S1"), heard),
        serial -> 3,
        news::add,
        clock);
  }

  private void minutes(int count) {
    for (int i = 0; i < count * 6; i++) {
      clock.ms += 10_000;
      desk.look();
    }
  }

  private PartReturn only() {
    return desk.returns().getFirst();
  }

  @Test
  void aPartThatComesBackIsSaidOnce() {
    assertThat(desk.add("S1", "RMA-4711", "row remapping failed", "anna"))
        .isInstanceOf(Ruling.Done.class);
    assertThat(only().node()).contains("n1");
    assertThat(desk.ticket("S1")).contains("RMA-4711");
    assertThat(desk.ticketOfDevice("GPU-1")).contains("RMA-4711");
    assertThat(desk.ticketOfDevice("GPU-2")).isEmpty();
    minutes(2);
    nodes.clear();
    minutes(9);
    assertThat(only().leftMs()).as("a driver may be away for so long").isEmpty();
    minutes(2);
    assertThat(only().leftMs()).isPresent();
    assertThat(news).isEmpty();

    desk = desk(); // as after kill -9
    nodes.put("S1", "n2");
    minutes(5);
    assertThat(news)
        .singleElement()
        .satisfies(one -> {
          assertThat(one.kind()).isEqualTo("returned-part-seen");
          assertThat(one.subject()).isEqualTo("n2");
          assertThat(one.message())
              .isEqualTo(
                  "Serial S1 is in n2: it was returned. 3 incidents began at it within 30 days.");
          assertThat(one.ticket()).isEqualTo("RMA-4711");
        });
    nodes.clear();
    minutes(12);
    nodes.put("S1", "n2");
    minutes(1);
    assertThat(news).as("gone and back once more").hasSize(2);
  }

  @Test
  void aPartThatWasOnlyMovedIsSaid() {
    desk.add("S1", "T", "R", "anna");
    nodes.put("S1", "n2");
    minutes(1);
    assertThat(news).hasSize(1);
    assertThat(only().seenNode()).contains("n2");
  }

  @Test
  void aTrayThatWasReturnedWholeAndPutBackIsSaid() {
    desk.add("S1", "T", "R", "anna");
    nodes.clear();
    heard = Set.of();
    minutes(13 * 60); // nobody is heard: that says nothing of this node
    assertThat(only().leftMs()).isEmpty();
    heard = Set.of("n2");
    minutes(11 * 60);
    heard = Set.of("n1", "n2");
    minutes(1);
    nodes.put("S1", "n1"); // its driver takes a moment
    minutes(1);
    assertThat(news).as("the node was only away").isEmpty();

    nodes.clear();
    heard = Set.of("n2");
    minutes(12 * 60 + 1);
    assertThat(only().leftMs()).isPresent();
    nodes.put("S1", "n1");
    heard = Set.of("n1", "n2");
    minutes(1);
    assertThat(news).singleElement().satisfies(one -> assertThat(one.subject()).isEqualTo("n1"));
  }

  @Test
  void aNodeThatIsNotHeardHasNotLostItsPart() {
    desk.add("S1", "T", "R", "anna");
    nodes.clear();
    heard = Set.of("n2");
    minutes(60);
    assertThat(only().leftMs()).isEmpty();
    nodes.put("S1", "n1");
    heard = Set.of("n1", "n2");
    minutes(5);
    assertThat(news).isEmpty();
  }

  @Test
  void aPartThatNobodyHasIsAwayFromTheBeginning() {
    desk.add("S9", "T9", "found on a shelf", "anna");
    nodes.put("S9", "n2");
    minutes(1);
    assertThat(news).singleElement().satisfies(one -> assertThat(one.message()).contains("S9"));
  }

  @Test
  void whatEndedIsSaidNoMore() {
    desk.add("S1", "T", "R", "anna");
    String id = only().id();
    assertThat(desk.add("S1", "U", "R", "anna"))
        .isEqualTo(
            new Ruling.Refused<>(
                "serial S1 is returned under ticket T already; end that first with 'millwright returns end %s'"
                    .formatted(id)));
    assertThat(desk.end("r99", "anna", "R")).isInstanceOf(Ruling.Unknown.class);
    assertThat(desk.end(id, "ben", "repaired")).isInstanceOf(Ruling.Done.class);
    assertThat(desk.ticket("S1")).isEmpty();
    nodes.put("S1", "n2");
    minutes(2);
    assertThat(news).isEmpty();
    assertThat(audit.entries(0, 9))
        .extracting(one -> one.draft().what() + " by " + one.draft().by())
        .containsExactly("return.add by anna", "return.end by ben");
    assertThat(desk().returns()).isEqualTo(desk.returns());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\nb", "\u00e9"})
  void aSerialIsOneWord(String serial) {
    assertThatThrownBy(() -> desk.add(serial, "T", "R", "anna"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("serial");
    assertThat(audit.head().sequence()).isZero();
  }

  @Test
  void whatIsStoredIsWhatIsRead() {
    PartReturn one = (PartReturn) done(desk.add("S1", "T", "R", "anna"));
    PartReturn seen = one.left(5).seen("n2", 7).ended(9);
    assertThat(ReturnJson.read(ReturnJson.of(one))).isEqualTo(one);
    assertThat(ReturnJson.read(ReturnJson.of(seen))).isEqualTo(seen);
    assertThat(Optional.of(seen).flatMap(PartReturn::place)).contains("n2");
  }

  private static Object done(Ruling<PartReturn> ruling) {
    return ruling instanceof Ruling.Done<PartReturn>(PartReturn value) ? value : ruling;
  }

  @Test
  void aRecordThatCannotBeReadKeepsNoOtherFromBeingFollowed() {
    desk.add("S1", "T", "R", "anna");
    assertThat(
            store.txn(new Txn(List.of(), List.of(new Op.Put(ReturnsDesk.ALL + "r0", "{\"id\":7")))))
        .isInstanceOf(TxnResult.Committed.class);
    desk = desk();
    assertThat(only().serial()).isEqualTo("S1");
    assertThat(store.range(ReturnsDesk.ALL).values()).as("it is left").hasSize(2);
    nodes.put("S1", "n2");
    minutes(1);
    assertThat(news).hasSize(1);
  }
}
