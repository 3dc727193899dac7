package io.millwright.collector.downlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.acceptance.Device;
import io.millwright.collector.acceptance.Equipment;
import io.millwright.collector.acceptance.Pass;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Report;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.jobs.Submission;
import io.millwright.collector.placement.Contact;
import io.millwright.collector.placement.Share;
import io.millwright.collector.recovery.Recovering;
import io.millwright.collector.recovery.RecoveryState;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.DesiredBody;
import io.millwright.protocol.bodies.InventoryBody;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.bodies.StatusBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.AppliedAnswer;
import io.millwright.protocol.frames.DesiredAssembly;
import io.millwright.protocol.frames.DesiredResult;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.RunsDigest;
import io.millwright.protocol.orders.OrderKeys;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.Group;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nodes say, and what becomes of it; time is this test's own. */
@SuppressWarnings("NullAway.Init") // set before each test
class DownlinkTest {
  private static final RunId A1 = new RunId("a", 1);
  private static final RunId C1 = new RunId("c", 1);

  @TempDir private Path directory;
  private final SetClock clock = new SetClock();
  private SqliteStore store;
  private JobBook book;
  private Downlink downlink;

  private static final class SetClock implements Clock {
    private long nanos = 1;

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public Instant wall() {
      return Instant.parse("2026-01-02T12:00:00Z");
    }

    @Override
    public void parkUntil(long until) {}

    void pass(Duration time) {
      nanos += time.toNanos();
    }
  }

  private static final class Heard implements Line {
    private final List<Frame> frames = new ArrayList<>();
    private Optional<String> ended = Optional.empty();
    private Heartbeat heartbeat = Heartbeat.NONE;

    @Override
    public Heartbeat heartbeat() {
      return heartbeat;
    }

    @Override
    public long pinged() {
      return heartbeat.number();
    }

    @Override
    public long pingedNanos() {
      return 5;
    }

    @Override
    public void send(List<? extends Frame> more) {
      frames.addAll(more);
    }

    @Override
    public void end(String why) {
      ended = Optional.of(why);
    }

    long desired() {
      return frames.stream().filter(frame -> frame instanceof Frame.Desired).count();
    }
  }

  @BeforeEach
  void open() {
    store = SqliteStore.open(directory.resolve("store.db"));
    book = JobBook.open(store, clock);
    downlink = new Downlink(book, clock);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static Told.Opened opened(String node, Line line) {
    return opened(node, line, "jobs", "new-jobs");
  }

  private static Told.Opened opened(String node, Line line, String... capabilities) {
    return new Told.Opened(
        node,
        1,
        Set.of(capabilities),
        new JournalHead(new UUID(7, node.hashCode()), 0, 0, Term.NONE, 0),
        "127.0.0.1",
        line);
  }

  private Told.Applied applied(String node, AppliedAnswer answer, AppliedBody body) {
    return new Told.Applied(
        node,
        1,
        new Frame.Applied(answer, book.term(), book.generation(node), Payload.of(body.json())),
        body);
  }

  private void placeA(String node) {
    byte[] job =
        "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1}}"
            .getBytes(StandardCharsets.UTF_8);
    assertThat(book.submit(JobJson.submitted(job, "anna"))).isInstanceOf(Submission.Accepted.class);
    book.place(
        A1, List.of(new Share(node, new DeviceSet(DeviceKind.GPU, List.of("GPU-0")), List.of())));
  }

  private static AppliedBody nothing(Optional<String> refusal) {
    return new AppliedBody(refusal, List.of(), List.of());
  }

  @Test
  void aNodeThatTellsNonsenseHarmsNoOther() {
    Heard bad = new Heard();
    Heard good = new Heard();
    placeA("bad");
    downlink.told(List.of(opened("bad", bad)));
    downlink.flush();
    Optional<RuntimeException> failure =
        downlink.told(
            List.of(
                applied("bad", AppliedAnswer.REFUSED, nothing(Optional.of("( )"))),
                opened("good", good)));
    assertThat(failure).isPresent();
    assertThat(bad.ended).isPresent();
    downlink.flush();
    assertThat(good.desired()).isEqualTo(1);
    assertThat(good.ended).isEmpty();
  }

  @Test
  void whatANodeHasNotReadSaysNothingOfWhatItHolds() {
    Heard line = new Heard();
    downlink.told(List.of(opened("n", line)));
    downlink.flush();
    AppliedBody.Held held = new AppliedBody.Held(new RunId("old", 1), List.of("GPU-0"));
    downlink.told(
        List.of(
            applied(
                "n",
                AppliedAnswer.WRITTEN,
                new AppliedBody(Optional.empty(), List.of(), List.of(held)))));
    assertThat(downlink.held()).hasSize(1);
    downlink.told(
        List.of(applied("n", AppliedAnswer.NOT_READABLE, nothing(Optional.of("what is this")))));
    assertThat(downlink.held()).hasSize(1);
  }

  /** Of a recovery that begins when it is told to. */
  private static final class Asking implements Recovering {
    private final List<String> answered = new ArrayList<>();
    private boolean active;

    @Override
    public boolean active() {
      return active;
    }

    @Override
    public void met(String node, JournalHead journal) {}

    @Override
    public void answered(String node, String journal, AppliedBody body) {
      answered.add(node);
    }

    @Override
    public void reported(String node, List<Report> news) {}

    @Override
    public Optional<String> withheld(Run queued) {
      return Optional.empty();
    }

    @Override
    public void turn(Set<String> speaking) {}

    @Override
    public RecoveryState state() {
      return RecoveryState.NONE;
    }
  }

  @Test
  void whatWasUnderWayIsNoAnswerToTheRecall() {
    Asking recovery = new Asking();
    downlink = new Downlink(book, recovery, clock);
    Heard line = new Heard();
    downlink.told(List.of(opened("n", line)));
    downlink.told(List.of(opened("m", new Heard())));
    downlink.flush();
    Told.Applied written = applied("n", AppliedAnswer.WRITTEN, nothing(Optional.empty()));
    Told.Applied refused = applied("m", AppliedAnswer.REFUSED, nothing(Optional.of("full")));
    recovery.active = true;
    book.renew();
    downlink.flush();
    assertThat(line.desired()).isEqualTo(2);
    downlink.told(List.of(written, refused));
    assertThat(recovery.answered).isEmpty();
    downlink.told(List.of(applied("n", AppliedAnswer.WRITTEN, nothing(Optional.empty())), refused));
    assertThat(recovery.answered).containsExactly("n", "m");
  }

  /** The report of an end was acknowledged by a store that was set back since. */
  @Test
  void anEndThatIsNeverReportedIsSettledByTheAnswer() {
    Heard line = new Heard();
    placeA("n");
    downlink.told(List.of(opened("n", line)));
    downlink.flush();
    AppliedBody.Result over =
        new AppliedBody.Result(A1, JobState.ENDED, Optional.of(Outcome.exit(7)));
    downlink.told(
        List.of(
            applied(
                "n",
                AppliedAnswer.WRITTEN,
                new AppliedBody(Optional.empty(), List.of(over), List.of()))));
    downlink.flush();
    assertThat(book.run(A1).orElseThrow().ended()).as("its report may be on its way").isEmpty();
    clock.pass(Duration.ofSeconds(6));
    downlink.flush();
    assertThat(book.run(A1).orElseThrow().outcome()).hasValue(Outcome.exit(7));
  }

  private static Pass pass(long atMs, String reason, Device... devices) {
    TreeMap<String, Device> slots = new TreeMap<>();
    for (Device device : devices) {
      slots.put("slot " + device.index(), device);
    }
    TreeMap<String, String> chassis = new TreeMap<>(Map.of("product", "J1", "rack", "R7 slot 3"));
    return new Pass(new Equipment(chassis, slots, new TreeMap<>()), atMs, "anna", reason);
  }

  private static Device device(int index, String uuid) {
    return new Device(
        "nvidia", Integer.toString(index), "B200", "SN" + index, uuid, new TreeMap<>());
  }

  private static List<InventoryBody> inventories(Heard line) {
    return line.frames.stream()
        .filter(frame -> frame instanceof Frame.Inventory)
        .map(frame -> InventoryBody.of(((Frame.Inventory) frame).body().toByteArray()))
        .toList();
  }

  @Test
  void whatWasAcceptedIsToldInEachSessionAndWhenItChanges() {
    Heard line = new Heard();
    Heard older = new Heard();
    downlink.told(
        List.of(opened("n", line, "inventory"), opened("old", older, "jobs", "new-jobs")));
    downlink.accepted(node -> Optional.empty());
    assertThat(inventories(line)).as("nothing was ever accepted").isEmpty();

    Pass two = pass(5, "by hand", device(0, "GPU-0"), device(1, "GPU-1"));
    downlink.accepted(node -> Optional.of(two));
    downlink.accepted(node -> Optional.of(two));
    InventoryBody.Device first = new InventoryBody.Device("nvidia", "GPU-0", "SN0");
    InventoryBody.Device second = new InventoryBody.Device("nvidia", "GPU-1", "SN1");
    InventoryBody told = new InventoryBody(5, "J1", List.of(first, second));
    assertThat(inventories(line)).containsExactly(told);
    assertThat(inventories(older)).as("it does not know the frame").isEmpty();

    downlink.accepted(node -> Optional.of(pass(6, "again", device(0, "GPU-0"))));
    assertThat(inventories(line)).containsExactly(told, new InventoryBody(6, "J1", List.of(first)));

    Heard newer = new Heard();
    downlink.told(List.of(opened("n", newer, "inventory")));
    downlink.accepted(node -> Optional.of(two));
    assertThat(inventories(newer)).containsExactly(told);
  }

  /** A part of it would be a number that hides what is missing. */
  @Test
  void whatCannotBeToldWholeIsToldAsNone() {
    Heard line = new Heard();
    downlink.told(List.of(opened("n", line, "inventory")));
    downlink.accepted(node -> Optional.of(pass(5, "", device(0, "GPU-0"), device(1, "GPU\u0007"))));
    assertThat(inventories(line)).containsExactly(InventoryBody.NONE);
  }

  @Test
  void aNodeThatRefusedIsAskedAgain() {
    Heard line = new Heard();
    downlink.told(List.of(opened("n", line)));
    downlink.flush();
    downlink.told(
        List.of(applied("n", AppliedAnswer.REFUSED, nothing(Optional.of("the disk is full")))));
    downlink.flush();
    assertThat(line.desired()).isEqualTo(1);
    assertThat(downlink.standing("n")).isEqualTo(new Standing.Declines("the disk is full"));
    clock.pass(Duration.ofMinutes(2));
    downlink.flush();
    assertThat(line.desired()).isEqualTo(2);
    downlink.told(List.of(applied("n", AppliedAnswer.WRITTEN, nothing(Optional.empty()))));
    assertThat(downlink.standing("n")).isEqualTo(new Standing.Ready());
  }

  @Test
  void aRefusalSaysNothingOfWhatOnlyALaterStateNames() {
    Heard line = new Heard();
    downlink.told(List.of(opened("n", line)));
    downlink.flush();
    Told.Applied refused =
        applied("n", AppliedAnswer.REFUSED, nothing(Optional.of("the disk is full")));
    placeA("n");
    downlink.flush();
    assertThat(line.desired()).isEqualTo(2);
    downlink.told(List.of(refused));
    assertThat(book.run(A1).orElseThrow().ended()).as("the node may take it").isEmpty();
    downlink.told(
        List.of(applied("n", AppliedAnswer.REFUSED, nothing(Optional.of("the disk is full")))));
    assertThat(book.run(A1).orElseThrow().ended()).as("it was refused itself").isPresent();
  }

  @Test
  void aRunWhoseStopCameBeforeItEndsByTheAnswer() {
    placeA("n");
    book.cancel(A1, "anna");
    Heard line = new Heard();
    downlink.told(List.of(opened("n", line)));
    downlink.flush();
    downlink.told(List.of(applied("n", AppliedAnswer.WRITTEN, nothing(Optional.empty()))));
    downlink.flush();
    assertThat(book.run(A1).orElseThrow().ended()).as("its report may be on its way").isEmpty();
    clock.pass(Duration.ofSeconds(6));
    downlink.flush();
    assertThat(book.run(A1).orElseThrow().outcome())
        .contains(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST));
    assertThat(book.taken()).isEmpty();
  }

  @Test
  void aStopThatWasNotWrittenEndsNothing() {
    placeA("n");
    book.cancel(A1, "anna");
    downlink.told(List.of(opened("n", new Heard())));
    downlink.flush();
    downlink.told(
        List.of(applied("n", AppliedAnswer.REFUSED, nothing(Optional.of("the disk is full")))));
    clock.pass(Duration.ofSeconds(6));
    downlink.flush();
    assertThat(book.run(A1).orElseThrow().ended()).isEmpty();
  }

  @Test
  void aNodeThatObeysALaterCollectorIsGivenNothing() {
    Heard line = new Heard();
    downlink.told(List.of(opened("n", line)));
    downlink.flush();
    downlink.told(List.of(applied("n", AppliedAnswer.TERM_REFUSED, nothing(Optional.of("older")))));
    placeA("n");
    downlink.flush();
    assertThat(line.desired()).isEqualTo(1);
    assertThat(downlink.standing("n")).isInstanceOf(Standing.Declines.class);
  }

  private static Assignment told(Heard line) {
    Frame.Desired desired = (Frame.Desired) line.frames.getLast();
    return DesiredBody.of(desired.part().bytes().toByteArray()).assignments().getFirst();
  }

  /** An agent of before groups would refuse all of a desired state that has one. */
  @Test
  void onlyAnAgentThatReadsGroupsIsToldOfThem() {
    byte[] job =
        "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1},\"nodes\":2}"
            .getBytes(StandardCharsets.UTF_8);
    book.submit(JobJson.submitted(job, "anna"));
    DeviceSet devices = new DeviceSet(DeviceKind.GPU, List.of("GPU-0"));
    book.place(
        A1,
        List.of(
            new Share("new", devices, List.of(), Optional.of("10.0.0.7")),
            new Share("old", devices, List.of(), Optional.of("10.0.0.8"))));
    Heard reads = new Heard();
    Heard old = new Heard();
    downlink.told(List.of(opened("new", reads, "jobs", "groups"), opened("old", old)));
    downlink.flush();
    Group group = told(reads).group().orElseThrow();
    assertThat(group.rendezvous().address()).isEqualTo("10.0.0.7");
    assertThat(group.rank()).isZero();
    assertThat(told(old).group()).isEmpty();
    assertThat(told(old).id()).isEqualTo(A1);
  }

  private void placeChecked(String node) {
    place(node, "\"checks\":{\"before\":[\"devices\"]}");
  }

  private void place(String node, String wish) {
    byte[] job =
        ("{\"name\":\"c\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1}," + wish + "}")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(book.submit(JobJson.submitted(job, "anna"))).isInstanceOf(Submission.Accepted.class);
    book.place(
        C1, List.of(new Share(node, new DeviceSet(DeviceKind.GPU, List.of("GPU-1")), List.of())));
  }

  /** It would refuse all of a desired state that has one, and so also its other jobs. */
  @Test
  void anAgentThatReadsNoChecksIsNotToldOfAJobWithThem() {
    Heard old = new Heard();
    placeA("old");
    placeChecked("old");
    downlink.told(List.of(opened("old", old)));
    downlink.flush();
    Frame.Desired desired = (Frame.Desired) old.frames.getLast();
    assertThat(DesiredBody.of(desired.part().bytes().toByteArray()).assignments())
        .extracting(Assignment::id)
        .containsExactly(A1);
    assertThat(new String(desired.part().bytes().toByteArray(), StandardCharsets.UTF_8))
        .doesNotContain("checks");
    assertThat(book.run(C1).orElseThrow().ended())
        .as("it may hold it, from an agent of before")
        .isEmpty();

    downlink.told(
        List.of(
            applied(
                "old",
                AppliedAnswer.WRITTEN,
                new AppliedBody(
                    Optional.empty(),
                    List.of(),
                    List.of(new AppliedBody.Held(A1, List.of("GPU-0")))))));
    assertThat(book.run(C1).orElseThrow().outcome())
        .hasValue(Outcome.refused("its agent does no checks around jobs: upgrade it"));
    assertThat(book.run(A1).orElseThrow().ended()).isEmpty();
  }

  @Test
  void anAgentThatReadsChecksIsToldOfThem() {
    Heard reads = new Heard();
    placeChecked("new");
    downlink.told(List.of(opened("new", reads, "jobs", "new-jobs", "checks")));
    downlink.flush();
    assertThat(told(reads).spec().checks().orElseThrow().before()).containsExactly("devices");
    assertThat(downlink.lacks("new")).doesNotContainKey(Capability.CHECKS);
    downlink.told(List.of(opened("old", new Heard())));
    assertThat(downlink.lacks("old").get(Capability.CHECKS)).contains("upgrade it");
  }

  /** It would read none of its desired state. */
  @Test
  void aJobWithSecretsIsWithheldFromAnAgentThatKnowsOfNone() {
    Heard old = new Heard();
    place("old", "\"secrets\":[\"hf-token\"]");
    downlink.told(List.of(opened("old", old, "jobs", "new-jobs", "checks")));
    downlink.flush();
    Frame.Desired desired = (Frame.Desired) old.frames.getLast();
    assertThat(new String(desired.part().bytes().toByteArray(), StandardCharsets.UTF_8))
        .doesNotContain("hf-token");
    assertThat(downlink.lacks("old"))
        .containsEntry(
            Capability.SECRETS,
            "its agent gives jobs no secrets and no hooks: upgrade it, or set jobs.units: systemd");
  }

  /** An agent of before, or one whose policy allows none. */
  @Test
  void aJobInAContainerIsWithheldFromAnAgentThatBeginsNone() {
    Heard old = new Heard();
    place("old", "\"container\":\"/srv/roots/llm\"");
    downlink.told(List.of(opened("old", old, "jobs", "new-jobs", "secrets")));
    downlink.flush();
    Frame.Desired desired = (Frame.Desired) old.frames.getLast();
    assertThat(new String(desired.part().bytes().toByteArray(), StandardCharsets.UTF_8))
        .doesNotContain("container");
    assertThat(downlink.lacks("old").get(Capability.CONTAINERS))
        .contains("install podman and crun there, put containers into its policy.yaml");
  }

  @Test
  void anAgentThatBeginsContainersIsToldWhich() {
    Heard reads = new Heard();
    place("new", "\"container\":\"/srv/roots/llm\"");
    downlink.told(List.of(opened("new", reads, "jobs", "new-jobs", "containers")));
    downlink.flush();
    assertThat(told(reads).spec().container().orElseThrow().root()).isEqualTo("/srv/roots/llm");
    assertThat(downlink.lacks("new")).doesNotContainKey(Capability.CONTAINERS);
  }

  @Test
  void anAgentThatReadsSecretsIsToldTheirNames() {
    Heard reads = new Heard();
    place("new", "\"secrets\":[\"hf-token\"]");
    downlink.told(List.of(opened("new", reads, "jobs", "new-jobs", "secrets")));
    downlink.flush();
    assertThat(told(reads).spec().secrets()).containsExactly("hf-token");
    assertThat(downlink.lacks("new")).doesNotContainKey(Capability.SECRETS);
  }

  @Test
  void aNodeIsReachedWhereItsSessionSays() {
    downlink.told(
        List.of(opened("new", new Heard(), "jobs", "groups"), opened("old", new Heard(), "jobs")));
    assertThat(downlink.contact("new")).isEqualTo(new Contact.At("127.0.0.1"));
    assertThat(((Contact.None) downlink.contact("old")).why()).contains("upgrade it");
    assertThat(((Contact.None) downlink.contact("away")).why()).isEqualTo("it is not connected");
    Told.Opened named = opened("new", new Heard(), "jobs", "groups");
    downlink.told(
        List.of(
            new Told.Opened(
                "new", 2, named.capabilities(), named.journal(), "n1.site", named.line())));
    assertThat(((Contact.None) downlink.contact("new")).why())
        .isEqualTo(
            "its address 'n1.site' is refused; allowed is the IPv4 or IPv6 address of one machine,"
                + " not multicast, link-local, broadcast or 0.0.0.0: set jobs.address in its"
                + " agent.yaml");
  }

  // ---- what heartbeats say

  /** It runs there, and the book has all that the node has told. */
  private Heard running() {
    Heard line = new Heard();
    placeA("n");
    downlink.told(List.of(opened("n", line)));
    downlink.flush();
    AppliedBody.Held held = new AppliedBody.Held(A1, List.of("GPU-0"));
    downlink.told(
        List.of(
            applied(
                "n",
                AppliedAnswer.WRITTEN,
                new AppliedBody(Optional.empty(), List.of(), List.of(held))),
            says(1, JobState.RUNNING)));
    downlink.flush();
    return line;
  }

  private static Told.Reported says(long sequence, JobState state) {
    return new Told.Reported(
        "n",
        1,
        new UUID(7, "n".hashCode()),
        sequence,
        new StatusBody(A1, state, Optional.empty(), Usage.NONE, ""));
  }

  private static Hash128 a(JobState state) {
    return RunsDigest.of(new TreeMap<>(Map.of(A1, state)));
  }

  /** The next heartbeat, and the turn in which it is seen. */
  private void beats(Heard line, long status, Hash128 runs) {
    clock.pass(Duration.ofSeconds(5));
    beatsAtOnce(line, status, runs);
  }

  private void beatsAtOnce(Heard line, long status, Hash128 runs) {
    line.heartbeat = new Heartbeat(line.heartbeat.number() + 1, status, runs);
    downlink.flush();
    downlink.flush();
  }

  @Test
  void aNodeThatSpeaksOfOtherRunsTwiceIsSentItsWholeStateAgain() {
    Heard line = running();
    long sent = line.desired();
    for (int i = 0; i < 5; i++) {
      beats(line, 1, a(JobState.RUNNING));
    }
    beats(line, 1, Hash128.NONE); // it has lost the run
    beats(line, 1, a(JobState.RUNNING));
    beats(line, 1, Hash128.NONE);
    assertThat(line.desired()).as("not twice in a row").isEqualTo(sent);
    assertThat(downlink.mismatches()).isZero();
    beats(line, 1, Hash128.NONE);
    assertThat(line.desired()).isEqualTo(sent + 1);
    assertThat(downlink.mismatches()).isEqualTo(1);
    Frame.Desired again = (Frame.Desired) line.frames.getLast();
    assertThat(again.head().generation())
        .as("nothing new is wanted: it would begin the run a second time")
        .isEqualTo(book.generation("n"))
        .isEqualTo(((Frame.Desired) line.frames.getFirst()).head().generation());
    assertThat(DesiredBody.of(again.part().bytes().toByteArray()).stops()).isEmpty();
    for (int i = 0; i < 5; i++) {
      beats(line, 1, Hash128.NONE);
    }
    assertThat(line.desired()).as("this difference is known").isEqualTo(sent + 1);
    beats(line, 1, a(JobState.CLEANING)); // and now it says that it stands elsewhere
    assertThat(line.desired()).as("within ten minutes").isEqualTo(sent + 1);
    clock.pass(Duration.ofMinutes(10));
    beats(line, 1, Hash128.NONE);
    assertThat(line.desired()).as("however long it is known").isEqualTo(sent + 1);
    beats(line, 1, a(JobState.CLEANING));
    assertThat(line.desired()).isEqualTo(sent + 2);
    assertThat(downlink.mismatches()).isEqualTo(2);
  }

  // ---- leases

  /** A job that is stopped after a minute without a renewal, on a node. */
  private void placeLeased(String node, String more) {
    byte[] job =
        "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1}%s}"
            .formatted(more)
            .getBytes(StandardCharsets.UTF_8);
    assertThat(book.submit(JobJson.submitted(job, "anna"))).isInstanceOf(Submission.Accepted.class);
    book.place(
        A1, List.of(new Share(node, new DeviceSet(DeviceKind.GPU, List.of("GPU-0")), List.of())));
  }

  private Heard leased(String more) {
    Heard line = new Heard();
    placeLeased("n", more);
    downlink.told(List.of(opened("n", line, "jobs", "new-jobs", "leases")));
    downlink.flush();
    return line;
  }

  private void answered(AppliedBody.Held... held) {
    downlink.told(
        List.of(
            applied(
                "n",
                AppliedAnswer.WRITTEN,
                new AppliedBody(Optional.empty(), List.of(), List.of(held)))));
  }

  private static List<Frame> leases(Heard line) {
    return line.frames.stream().filter(frame -> frame instanceof Frame.Lease).toList();
  }

  @Test
  void eachHeartbeatIsAnsweredByALeaseWhereAJobAsksForOne() {
    Heard line = leased(",\"lease\":\"stop\",\"lease_ms\":60000");
    beats(line, 0, Hash128.NONE);
    assertThat(leases(line)).as("the node has not answered yet").isEmpty();
    answered(new AppliedBody.Held(A1, List.of("GPU-0")));
    long version = book.version();
    downlink.flush();
    downlink.flush();
    assertThat(leases(line)).containsExactly(new Frame.Lease(book.term(), 1, 5, 60_000));
    assertThat(book.version()).as("nothing is planned anew for it").isEqualTo(version);
    beats(line, 0, Hash128.NONE);
    assertThat(leases(line))
        .containsExactly(
            new Frame.Lease(book.term(), 1, 5, 60_000), new Frame.Lease(book.term(), 2, 5, 60_000));
  }

  @Test
  void aJobThatIsKeptIsNeverLeased() {
    Heard line = leased("");
    answered(new AppliedBody.Held(A1, List.of("GPU-0")));
    beats(line, 0, a(JobState.RUNNING));
    assertThat(leases(line)).isEmpty();
  }

  @Test
  void aJobThatComesAfterAHeartbeatIsLeasedByIt() {
    Heard line = leased("");
    answered(new AppliedBody.Held(A1, List.of("GPU-0")));
    beats(line, 0, a(JobState.ACCEPTED));
    assertThat(leases(line)).isEmpty();
    place("n", "\"lease\":\"stop\",\"lease_ms\":60000");
    downlink.flush();
    assertThat(leases(line)).containsExactly(new Frame.Lease(book.term(), 1, 5, 60_000));
  }

  /** Whatever a node has goes on until it is known; the book may lack it. */
  @Test
  void whileAStoreIsRecoveredEveryLeaseIsRenewed() {
    Asking recovery = new Asking();
    downlink = new Downlink(book, recovery, clock);
    recovery.active = true;
    Heard line = new Heard();
    Heard older = new Heard();
    downlink.told(List.of(opened("n", line, "jobs", "new-jobs", "leases"), opened("old", older)));
    downlink.flush();
    answered(new AppliedBody.Held(C1, List.of()));
    line.heartbeat = new Heartbeat(1, 0, Hash128.NONE);
    older.heartbeat = new Heartbeat(1, 0, Hash128.NONE);
    downlink.flush();
    assertThat(leases(line)).containsExactly(new Frame.Lease(book.term(), 1, 5, 86_400_000));
    assertThat(leases(older)).isEmpty();
  }

  /** A collector that stood still meanwhile does not let anything go on that is another's. */
  @Test
  void aCollectorWhoseBookWasTakenOverLeasesNothing() {
    Heard line = leased(",\"lease\":\"stop\"");
    answered(new AppliedBody.Held(A1, List.of("GPU-0")));
    JobBook.open(store, clock);
    line.heartbeat = new Heartbeat(1, 0, Hash128.NONE);
    assertThat(downlink.flush()).isPresent();
    assertThat(leases(line)).isEmpty();
  }

  @Test
  void aNodeThatEndsNothingWithItsLeaseIsToldOfNoSuchJob() {
    Heard line = new Heard();
    placeLeased("n", ",\"lease\":\"stop\"");
    downlink.told(List.of(opened("n", line)));
    downlink.flush();
    Frame.Desired sent = (Frame.Desired) line.frames.getLast();
    assertThat(DesiredBody.of(sent.part().bytes().toByteArray()).assignments()).isEmpty();
    answered();
    assertThat(book.run(A1).orElseThrow().outcome())
        .hasValueSatisfying(how -> assertThat(how.detail()).contains("leases: [stop]"));
    assertThat(downlink.lacks("n").get(Capability.LEASES)).contains("leases: [stop]");
  }

  @Test
  void aNodeThatGivesNoChannelIsToldOfNoJobWithOne() {
    Heard line = new Heard();
    byte[] job =
        "{\"name\":\"a\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":1,\"imex\":true}}"
            .getBytes(StandardCharsets.UTF_8);
    book.submit(JobJson.submitted(job, "anna"));
    book.place(
        A1, List.of(new Share("n", new DeviceSet(DeviceKind.GPU, List.of("GPU-0")), List.of())));
    downlink.told(List.of(opened("n", line)));
    downlink.flush();
    Frame.Desired sent = (Frame.Desired) line.frames.getLast();
    assertThat(DesiredBody.of(sent.part().bytes().toByteArray()).assignments()).isEmpty();
    answered();
    assertThat(book.run(A1).orElseThrow().outcome())
        .hasValueSatisfying(how ->
            assertThat(how.detail()).contains("nvidia-caps-imex-channels into device_classes"));
    assertThat(downlink.lacks("n")).containsKey(Capability.IMEX);
    downlink.told(List.of(opened("m", new Heard(), "jobs", "new-jobs", "imex")));
    assertThat(downlink.lacks("m")).doesNotContainKey(Capability.IMEX);
  }

  /** Lease, grace, kill and allowance after the last renewal, or after the collector's start. */
  @Test
  void aLeaseHasSurelyEndedSomeTimeAfterTheLastRenewal() {
    Heard line = leased(",\"lease\":\"stop\",\"lease_ms\":60000,\"stop_grace_ms\":7000");
    var spec = book.run(A1).orElseThrow().spec();
    Duration fence = Duration.ofMillis(60_000 + 60 + 7_000 + 30_000 + 15_000);
    assertThat(downlink.leaseLeft("n", spec)).as("from our own start").isEqualTo(fence);
    clock.pass(Duration.ofSeconds(50));
    assertThat(downlink.leaseLeft("n", spec)).isEqualTo(fence.minusSeconds(50));
    answered(new AppliedBody.Held(A1, List.of("GPU-0")));
    beats(line, 0, a(JobState.ACCEPTED));
    assertThat(leases(line)).hasSize(1);
    assertThat(downlink.leaseLeft("n", spec)).isEqualTo(fence);
    assertThat(downlink.leaseLeft("another", spec)).isEqualTo(fence.minusSeconds(55));
    clock.pass(fence);
    assertThat(downlink.leaseLeft("n", spec)).isZero();
  }

  @Test
  void heartbeatsThatFollowEachOtherAtOnceAreNotTwo() {
    Heard line = running();
    for (int i = 0; i < 5; i++) {
      beatsAtOnce(line, 1, Hash128.NONE);
    }
    assertThat(downlink.mismatches()).isZero();
    clock.pass(Duration.ofSeconds(4));
    downlink.flush();
    assertThat(downlink.mismatches()).as("the newest of them is the second").isEqualTo(1);
  }

  /** What it says is compared with what it had told by then, and with nothing else. */
  @Test
  void reportsThatAreUnderWayAreWaitedFor() {
    Heard line = running();
    long sent = line.desired();
    beats(line, 2, a(JobState.CLEANING));
    beats(line, 2, a(JobState.CLEANING));
    downlink.told(List.of(says(2, JobState.CLEANING)));
    downlink.flush();
    beats(line, 1, a(JobState.RUNNING)); // said before, and seen late
    beats(line, 1, a(JobState.RUNNING));
    assertThat(line.desired()).isEqualTo(sent);
    assertThat(downlink.mismatches()).isZero();
  }

  /** Such runs are listed as unclaimed, and sending the state again changes nothing of them. */
  @Test
  void aNodeThatHoldsWhatTheBookHasNotIsNotCompared() {
    Heard line = running();
    AppliedBody body =
        new AppliedBody(
            Optional.empty(),
            List.of(),
            List.of(
                new AppliedBody.Held(A1, List.of("GPU-0")),
                new AppliedBody.Held(C1, List.of("GPU-1"))));
    downlink.told(List.of(applied("n", AppliedAnswer.WRITTEN, body)));
    downlink.flush();
    long sent = line.desired();
    Hash128 both = RunsDigest.of(new TreeMap<>(Map.of(A1, JobState.RUNNING, C1, JobState.RUNNING)));
    beats(line, 1, both);
    beats(line, 1, both);
    assertThat(line.desired()).isEqualTo(sent);
    assertThat(downlink.unclaimed()).hasSize(1);
  }

  /** Its answer to the state that is sent again says that it has never heard of the run. */
  @Test
  void aRunThatItsNodeHasForgottenEndsAsUntracked() {
    Heard line = running();
    beats(line, 1, Hash128.NONE);
    beats(line, 1, Hash128.NONE);
    AppliedBody.Result unknown =
        new AppliedBody.Result(
            A1, JobState.ENDED, Optional.of(Outcome.refused("this generation did not name it")));
    downlink.told(
        List.of(
            applied(
                "n",
                AppliedAnswer.WRITTEN,
                new AppliedBody(Optional.empty(), List.of(unknown), List.of()))));
    clock.pass(Duration.ofSeconds(5));
    downlink.flush();
    assertThat(book.run(A1).orElseThrow().outcome()).hasValue(Outcome.of(Outcome.Kind.UNTRACKED));
  }

  /** Another copy of the store placed it elsewhere, and this node is to end what that one began. */
  @Test
  void aRunOfWhichItsNodeHoldsAnotherPlacementIsStopped() {
    Heard line = new Heard();
    placeA("n");
    downlink.told(List.of(opened("n", line)));
    downlink.flush();
    downlink.told(List.of(another()));
    downlink.flush();
    assertThat(book.run(A1).orElseThrow().stop()).as("a report may be under way").isEmpty();
    clock.pass(Duration.ofSeconds(5));
    downlink.flush();
    assertThat(body(line).stops())
        .singleElement()
        .satisfies(stop -> assertThat(stop.run()).isEqualTo(A1));
    assertThat(book.run(A1).orElseThrow().ended()).as("not before the node says so").isEmpty();
  }

  @Test
  void whatHasBegunGoesOnWhereItsNodeHoldsAnotherPlacement() {
    Heard line = running();
    downlink.told(List.of(another()));
    clock.pass(Duration.ofSeconds(5));
    downlink.flush();
    assertThat(book.run(A1).orElseThrow().stop()).isEmpty();
    assertThat(line.frames).isNotEmpty();
  }

  private Told another() {
    return applied(
        "n",
        AppliedAnswer.WRITTEN,
        new AppliedBody(
            Optional.empty(),
            List.of(
                new AppliedBody.Result(
                    A1,
                    JobState.ENDED,
                    Optional.of(Outcome.refused("another job is known here as run a-r1")))),
            List.of(new AppliedBody.Held(A1, List.of("GPU-7")))));
  }

  private static DesiredBody body(Heard line) {
    Frame.Desired desired = (Frame.Desired) line.frames.getLast();
    return DesiredBody.of(desired.part().bytes().toByteArray());
  }

  /** An agent of before would refuse all of a desired state that has an order. */
  @Test
  void aStartIsSignedForWhoHandsTheSignatureOn() {
    OrderSigner signer = OrderSigner.create();
    downlink =
        new Downlink(
            book,
            Recovering.NONE,
            new StartOrders(Optional.of(signer), store.identity().id(), clock),
            clock);
    Heard reads = new Heard();
    Heard old = new Heard();
    placeA("new");
    placeChecked("old");
    downlink.told(
        List.of(
            opened("new", reads, "jobs", "new-jobs", "orders"),
            opened("old", old, "jobs", "new-jobs", "checks")));
    downlink.flush();

    assertThat(body(old).assignments()).hasSize(1);
    assertThat(body(old).orders()).isEmpty();
    StartOrder order = body(reads).orders().values().iterator().next();
    assertThat(order.store()).isEqualTo(store.identity().id());
    assertThat(Instant.ofEpochSecond(order.notAfter()))
        .isEqualTo(clock.wall().plus(OrderKeys.GOOD_FOR));
    assertThat(new OrderKeys(List.of(signer.key())).judge(order, "new", clock.wall()))
        .isEqualTo(new OrderKeys.Judgement.Good(told(reads)));
  }

  private static DesiredBody whole(Heard line) {
    DesiredAssembly parts = new DesiredAssembly();
    for (Frame frame : line.frames) {
      if (frame instanceof Frame.Desired desired
          && parts.add(desired) instanceof DesiredResult.Whole whole) {
        return DesiredBody.of(whole.body().toByteArray());
      }
    }
    throw new AssertionError("no whole state was sent");
  }

  private List<RunId> placeLarge(int jobs, String node) {
    String env =
        IntStream.range(0, 60)
            .mapToObj(i -> "\"V%d\":\"%s\"".formatted(i, "x".repeat(4_000)))
            .collect(Collectors.joining(","));
    List<RunId> runs = new ArrayList<>();
    for (int i = 10; i < 10 + jobs; i++) {
      RunId run = new RunId("large-" + i, 1);
      byte[] job =
          "{\"name\":\"%s\",\"argv\":[\"/bin/true\"],\"env\":{%s}}"
              .formatted(run.job(), env)
              .getBytes(StandardCharsets.UTF_8);
      assertThat(book.submit(JobJson.submitted(job, "anna")))
          .isInstanceOf(Submission.Accepted.class);
      book.place(
          run, List.of(new Share(node, new DeviceSet(DeviceKind.GPU, List.of()), List.of())));
      runs.add(run);
    }
    return runs;
  }

  /** An order says all of its job once more. Stops are told whatever else there is. */
  @Test
  void aStateThatIsFullLeavesTheNewestOutAndTellsItsStops() {
    downlink =
        new Downlink(
            book,
            Recovering.NONE,
            new StartOrders(Optional.of(OrderSigner.create()), store.identity().id(), clock),
            clock);
    List<RunId> runs = placeLarge(20, "n");
    book.cancel(runs.getFirst(), "anna");
    Heard line = new Heard();
    downlink.told(List.of(opened("n", line, "jobs", "new-jobs", "orders")));
    assertThat(downlink.flush()).isEmpty();

    DesiredBody told = whole(line);
    assertThat(told.stops()).extracting(DesiredBody.Stop::run).containsExactly(runs.getFirst());
    int fit = told.assignments().size();
    assertThat(fit).as("not more than it must be").isBetween(15, 18);
    assertThat(told.assignments())
        .extracting(Assignment::id)
        .containsExactlyElementsOf(runs.subList(1, fit + 1));
    assertThat(told.orders()).containsOnlyKeys(runs.subList(1, fit + 1));

    downlink.told(List.of(applied("n", AppliedAnswer.WRITTEN, nothing(Optional.empty()))));
    assertThat(book.run(runs.getLast()).orElseThrow().outcome())
        .hasValueSatisfying(
            how -> assertThat(how.text()).contains("the node's desired state is full"));
    assertThat(book.run(runs.get(fit)).orElseThrow().ended()).isEmpty();
  }

  /** What runs has no use for an order, and a stolen one would be good for hours more. */
  @Test
  void whatHasBegunIsNotSignedAgain() {
    downlink =
        new Downlink(
            book,
            Recovering.NONE,
            new StartOrders(Optional.of(OrderSigner.create()), store.identity().id(), clock),
            clock);
    placeA("n");
    long sequence = 0;
    for (JobState state : List.of(JobState.PREPARING, JobState.STARTING, JobState.RUNNING)) {
      sequence++;
      UUID journal = new UUID(7, "n".hashCode());
      book.report(
          "n",
          journal.toString(),
          List.of(new Report(sequence, A1, state, Optional.empty(), Usage.NONE)));
      Heard line = new Heard();
      downlink.told(
          List.of(
              new Told.Opened(
                  "n",
                  1,
                  Set.of("jobs", "new-jobs", "orders"),
                  new JournalHead(journal, 0, sequence, Term.NONE, 0),
                  "127.0.0.1",
                  line)));
      downlink.flush();
      assertThat(body(line).assignments()).as(state.word()).hasSize(1);
      assertThat(body(line).orders()).as(state.word()).hasSize(state == JobState.RUNNING ? 0 : 1);
    }
  }
}
