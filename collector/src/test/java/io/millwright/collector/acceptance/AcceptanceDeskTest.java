package io.millwright.collector.acceptance;

import static io.millwright.collector.acceptance.Racks.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.collector.acceptance.Racks.Board;
import io.millwright.collector.acceptance.Standing.State;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.operations.Operating;
import io.millwright.collector.operations.Policy;
import io.millwright.collector.operations.Policy.Mode;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.store.MemoryStore;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The desk over a store that outlives it, by a clock that the test moves. */
@SuppressWarnings("NullAway.Init") // set before each test
class AcceptanceDeskTest {
  private static final Board A = new Board(1, "A", "97.01");
  private static final Board B = new Board(2, "B", "97.01");
  private static final Board NEW = new Board(2, "X", "97.01");

  private final HandClock clock = new HandClock();
  private final MemoryStore.Disk disk = new MemoryStore.Disk();
  private final List<String> begun = new ArrayList<>();
  private final Map<String, TestSource.Run> runs = new HashMap<>();
  private int order;
  private final TestSource tests =
      new TestSource() {
        @Override
        public Optional<Run> newest(String node, String test) {
          return Optional.ofNullable(runs.get(node + "/" + test));
        }

        @Override
        public String latest() {
          return "%03d".formatted(order);
        }

        @Override
        public void begin(String node, String test, String reason) {
          begun.add(node + "/" + test);
        }
      };
  private Policy.Acceptance policy = new Policy.Acceptance(Mode.ACT, Optional.of("burn-in"), false);
  private boolean busy;
  private int room = 1;
  private boolean mapped;

  private final Site site =
      new Site() {
        @Override
        public Policy.Acceptance policy() {
          return policy;
        }

        @Override
        public boolean busy(String node) {
          return busy;
        }

        @Override
        public boolean mapped(String node) {
          return mapped;
        }

        @Override
        public List<String> room(List<String> wanted, Set<String> underWay, int nodes) {
          return wanted.stream().limit(Math.max(0, room - underWay.size())).toList();
        }
      };
  private FleetState fleet = FleetState.EMPTY;
  private MemoryStore store;
  private AuditLog audit;
  private AcceptanceDesk desk;

  private static final class HandClock implements Clock {
    private long ms = 1_700_000_000_000L;
    private long nanos = 1;

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public Instant wall() {
      return Instant.ofEpochMilli(ms);
    }

    @Override
    public void parkUntil(long until) {}

    private void pass(Duration time) {
      ms += time.toMillis();
      nanos += time.toNanos();
    }
  }

  @BeforeEach
  void open() {
    store = MemoryStore.open(disk);
    audit = AuditLog.open(store, clock);
    desk = AcceptanceDesk.open(store, audit, tests, site, clock);
  }

  private void told(String node, Board... boards) {
    told(node, table(node, "C-" + node, "580.1", boards));
  }

  private void told(String node, SeriesTable table) {
    clock.pass(Duration.ofSeconds(2));
    fleet = Racks.told(fleet, node, table, clock.nanos, clock.ms);
    desk.turn(fleet);
  }

  /** A new order, and what came of it. */
  private void ran(TestSource.Result result) {
    order++;
    runs.put("n1/burn-in", run(result));
  }

  private TestSource.Run run(TestSource.Result result) {
    return new TestSource.Run(tests.latest(), clock.ms, result, "burn-in: " + result);
  }

  private State state() {
    return Objects.requireNonNull(desk.standings().get("n1")).state();
  }

  private void accepted() {
    told("n1", A, B);
    ran(TestSource.Result.PASSED);
    told("n1", A, B);
    assertThat(state()).isEqualTo(State.ACCEPTED);
  }

  private List<String> kinds() {
    return desk.news().stream().map(Operating.News::kind).toList();
  }

  @Test
  void aNodeTakesNoWorkUntilTheSitesTestHasPassed() {
    assertThat(desk.withheld("n1"))
        .contains("not accepted: what its agent tells of its equipment is not taken in yet");
    told("n1", A, B);
    assertThat(desk.withheld("n1")).contains("not accepted (new): it was never accepted");
    ran(TestSource.Result.RUNNING);
    told("n1", A, B);
    assertThat(state()).isEqualTo(State.TESTING);
    assertThat(desk.withheld("n1")).isPresent();
    ran(TestSource.Result.PASSED);
    told("n1", A, B);
    assertThat(state()).isEqualTo(State.ACCEPTED);
    assertThat(desk.withheld("n1")).isEmpty();
    assertThat(desk.news())
        .extracting(Operating.News::message)
        .containsExactly("Its equipment is accepted: order 002: burn-in: PASSED.");
    assertThat(desk.lastPass("n1").map(Pass::evidence)).contains("order 002: burn-in: PASSED");
    assertThat(audit.entries(0, 9))
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.draft().what()).isEqualTo("node.accept");
          assertThat(entry.draft().by()).isEqualTo("policy");
          assertThat(entry.draft().after()).contains("serial A").contains("580.1");
        });
  }

  @Test
  void anExchangedDeviceIsToldAndOutlivesTheCollector() {
    accepted();
    told("n1", A, NEW);
    assertThat(desk.withheld("n1"))
        .contains(
            "not accepted (unaccepted): changed since it was accepted: 0000:02:00.0: serial B went, serial X came");
    assertThat(kinds()).contains("node-unaccepted");
    open();
    assertThat(state()).as("before its agent has come back").isEqualTo(State.UNACCEPTED);
    ran(TestSource.Result.FAILED);
    told("n1", A, NEW);
    assertThat(state()).isEqualTo(State.FAILED);
    ran(TestSource.Result.PASSED);
    told("n1", A, NEW);
    assertThat(state()).isEqualTo(State.ACCEPTED);
    open();
    assertThat(state()).isEqualTo(State.ACCEPTED);
    assertThat(audit.entries(0, 9))
        .extracting(entry -> entry.draft().what())
        .containsExactly("node.accept", "node.equipment", "node.accept");
  }

  /** The queue places in the same turn in which the node has come back. */
  @Test
  void anExchangeIsSeenInTheTurnThatBringsIt() {
    accepted();
    clock.pass(Duration.ofMillis(10));
    fleet = Racks.told(fleet, "n1", table("n1", "C-n1", "580.1", A, NEW), clock.nanos, clock.ms);
    desk.turn(fleet);
    assertThat(desk.withheld("n1").orElseThrow()).contains("serial B went, serial X came");
  }

  @Test
  void whatCannotBeKeptIsWithheld() {
    accepted();
    fleet = Racks.told(fleet, "n1", table("n1", "C-n1", "580.1", A, NEW), clock.nanos, clock.ms);
    store.close();
    assertThatThrownBy(() -> desk.turn(fleet)).isInstanceOf(StoreException.class);
    assertThat(desk.withheld("n1").orElseThrow()).contains("not taken in yet");
    open();
    desk.turn(fleet);
    assertThat(desk.withheld("n1").orElseThrow()).contains("serial X came");
  }

  @Test
  void whatNeverHadAnAcceleratorTakesWork() {
    told("n1");
    assertThat(desk.withheld("n1")).isEmpty();
    told("n1", A);
    assertThat(desk.withheld("n1")).contains("not accepted (new): it was never accepted");
    told("n1");
    assertThat(desk.withheld("n1")).as("it had one").isPresent();
  }

  @Test
  void aTestThatWasOrderedBeforeTheChangeSaysNothing() {
    accepted();
    ran(TestSource.Result.PASSED);
    told("n1", A, NEW);
    told("n1", A, NEW);
    assertThat(state()).isEqualTo(State.UNACCEPTED);
  }

  /** By the order of tests, for the wall clock may be set back. */
  @Test
  void aPassCountsThoughTheClockWasSetBack() {
    accepted();
    told("n1", A, NEW);
    clock.ms -= Duration.ofHours(5).toMillis();
    ran(TestSource.Result.PASSED);
    told("n1", A, NEW);
    assertThat(state()).isEqualTo(State.ACCEPTED);
    clock.ms += Duration.ofHours(9).toMillis();
    TestSource.Run older = run(TestSource.Result.PASSED);
    told("n1", A, B);
    runs.put("n1/burn-in", older);
    told("n1", A, B);
    assertThat(state()).as("ordered before").isEqualTo(State.UNACCEPTED);
  }

  @Test
  void aFailureOutlivesTheRecordOfItsTest() {
    policy = new Policy.Acceptance(Mode.ACT, Optional.of("burn-in"), true);
    told("n1", A, B);
    ran(TestSource.Result.PASSED);
    TestSource.Run before = run(TestSource.Result.PASSED);
    runs.clear();
    ran(TestSource.Result.FAILED);
    told("n1", A, B);
    runs.clear();
    begun.clear();
    open();
    clock.pass(Duration.ofHours(9));
    told("n1", A, B);
    assertThat(state()).isEqualTo(State.FAILED);
    assertThat(desk.withheld("n1").orElseThrow()).contains("the site's test failed: burn-in");
    runs.put("n1/burn-in", before);
    told("n1", A, B);
    assertThat(state()).as("an older pass").isEqualTo(State.FAILED);
    assertThat(begun).as("people look first").isEmpty();
    told("n1", A, NEW);
    assertThat(state()).isEqualTo(State.NEW);
    assertThat(begun).hasSize(1);
  }

  @Test
  void whatIsNotToldChangesNothing() {
    accepted();
    told("n1", A);
    told("n1", table("n1", "", "", new Board(1, "A", "")));
    told("n1", table("n1", "", ""));
    clock.pass(Duration.ofMinutes(10)); // not heard of any more
    desk.turn(fleet);
    assertThat(state()).isEqualTo(State.ACCEPTED);
    told("n1", A, B);
    assertThat(state()).isEqualTo(State.ACCEPTED);
    assertThat(audit.head().sequence()).isEqualTo(1);
  }

  @Test
  void firmwareAndDriverCountToo() {
    accepted();
    told("n1", A, new Board(2, "B", "97.02"));
    assertThat(state()).isEqualTo(State.UNACCEPTED);
    told("n1", A, B); // put back
    assertThat(state()).isEqualTo(State.ACCEPTED);
    told("n1", table("n1", "C-n1", "581.0", A, B));
    assertThat(desk.withheld("n1").orElseThrow()).contains("driver of nvidia from 580.1 to 581.0");
  }

  /** Events are for everybody; why a person has accepted is in the audit log. */
  @Test
  void whatAPersonWroteIsInNoEvent() {
    told("n1", A, B);
    desk.accept(fleet, "n1", "anna", "the loaner of customer-7");
    told("n1", A, NEW);
    told("n1", A, B);
    assertThat(desk.news())
        .extracting(news -> news.kind() + ": " + news.message())
        .containsExactly(
            "node-accepted: A person accepted its equipment; the audit log says who and why.",
            "node-unaccepted: 0000:02:00.0: serial B went, serial X came; it takes no new job until it is accepted.",
            "node-accepted: Its equipment is again as it was accepted.");
  }

  @Test
  void aPersonAcceptsWhatIsThereNow() {
    accepted();
    told("n1", A);
    Ruling<NodeAcceptance> ruling = desk.accept(fleet, "n1", "anna", "slot 2 stays empty");
    assertThat(ruling).isInstanceOf(Ruling.Done.class);
    assertThat(desk.lastPass("n1").orElseThrow().equipment().devices()).hasSize(1);
    told("n1", A, B);
    assertThat(desk.withheld("n1").orElseThrow()).contains("0000:02:00.0: serial B came");
    assertThat(audit.entries(1, 1).getFirst().draft().by()).isEqualTo("anna");
    assertThat(desk.accept(fleet, "n9", "anna", "x")).isInstanceOf(Ruling.Unknown.class);
    told("n2");
    assertThat(desk.accept(fleet, "n2", "anna", "x")).isInstanceOf(Ruling.Refused.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> desk.accept(fleet, "n1", "anna", "\u0007"))
        .withMessageContaining("reason");
  }

  @Test
  void withoutThePolicyNothingIsWithheld() {
    for (Mode mode : List.of(Mode.OBSERVE, Mode.DRY_RUN)) {
      policy = new Policy.Acceptance(mode, Optional.of("burn-in"), true);
      told("n1", A, B);
      assertThat(desk.withheld("n1")).isEmpty();
      assertThat(begun).isEmpty();
    }
    policy = new Policy.Acceptance(Mode.DRY_RUN, Optional.of("burn-in"), true);
    ran(TestSource.Result.PASSED);
    told("n1", A, B);
    told("n1", A, NEW);
    assertThat(desk.news()).anySatisfy(news -> assertThat(news.message()).contains("dry run"));
  }

  @Test
  void theTestIsBegunOnceTheNodeIsFree() {
    policy = new Policy.Acceptance(Mode.ACT, Optional.of("burn-in"), true);
    busy = true;
    told("n1", A, B);
    assertThat(begun).isEmpty();
    busy = false;
    told("n1", A, B);
    told("n1", A, B);
    assertThat(begun).containsExactly("n1/burn-in");
    ran(TestSource.Result.CANNOT_TELL);
    told("n1", A, B);
    assertThat(begun).as("it rests").hasSize(1);
    clock.pass(Duration.ofMinutes(2));
    told("n1", A, B);
    assertThat(begun).hasSize(2);
    ran(TestSource.Result.FAILED);
    clock.pass(Duration.ofHours(9));
    told("n1", A, B);
    assertThat(begun).as("people look first").hasSize(2);
    told("n1", A, NEW);
    assertThat(begun).as("something else is there").hasSize(3);
  }

  @Test
  void asManyTestsAreUnderWayAsThereIsRoomFor() {
    policy = new Policy.Acceptance(Mode.ACT, Optional.of("burn-in"), true);
    room = 0;
    told("n1", A);
    told("n2", B);
    assertThat(begun).isEmpty();
    room = 1;
    told("n1", A);
    told("n2", B);
    assertThat(begun).as("ordered, and not shown yet").containsExactly("n1/burn-in");
    ran(TestSource.Result.RUNNING);
    told("n2", B);
    assertThat(begun).as("it runs").hasSize(1);
    ran(TestSource.Result.CANNOT_TELL);
    clock.pass(Duration.ofMinutes(2));
    told("n2", B);
    assertThat(begun).as("who was tried less").containsExactly("n1/burn-in", "n2/burn-in");
  }

  @Test
  void aNodeThatIsGoneIsForgottenAfterAWeekWhereTheRackMapHasItNot() {
    accepted();
    told("n2", new Board(1, "Z", "97.01"));
    assertThat(desk.told()).containsOnlyKeys("n1", "n2");
    mapped = true;
    for (int day = 0; day < 9; day++) {
      clock.pass(Duration.ofDays(1));
      told("n2", new Board(1, "Z", "97.01"));
    }
    assertThat(desk.told()).as("what is told now").containsOnlyKeys("n2");
    assertThat(desk.nodes()).containsKey("n1");
    mapped = false;
    told("n2", new Board(1, "Z", "97.01"));
    assertThat(desk.nodes()).containsOnlyKeys("n2");
    assertThat(desk.standings()).containsOnlyKeys("n2");
    assertThat(audit.entries(1, 1).getFirst().draft().what()).isEqualTo("node.forget");
    open();
    assertThat(desk.nodes()).containsOnlyKeys("n2");
    told("n1", A, B);
    assertThat(state()).as("it has to be accepted anew").isEqualTo(State.NEW);
  }

  @Test
  void whatIsToldIsTheSameInstanceWhileNothingChanges() {
    told("n1", A, B);
    Map<String, Equipment> before = desk.told();
    told("n1", A, B);
    assertThat(desk.told()).isSameAs(before);
    told("n1", A);
    assertThat(Objects.requireNonNull(desk.told().get("n1")).devices())
        .as("not what was known")
        .hasSize(1);
  }

  @Test
  void manyNodesAreKeptSomeAtATime() {
    IntStream.range(0, 450)
        .forEach(i ->
            fleet =
                Racks.told(
                    fleet,
                    "m" + i,
                    table("m" + i, "C" + i, "580.1", new Board(1, "S" + i, "1")),
                    clock.nanos,
                    clock.ms));
    for (int turn = 0; turn < 3; turn++) {
      clock.pass(Duration.ofMillis(1100));
      desk.turn(fleet);
    }
    assertThat(desk.nodes()).hasSize(450);
    open();
    assertThat(desk.nodes()).hasSize(450);
  }
}
