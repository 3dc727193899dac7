package io.millwright.collector.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.acceptance.Accepting;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.backup.Backup;
import io.millwright.collector.backup.Restore;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.DeviceReadings;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.operations.Operating;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.recovery.RecoveryDesk;
import io.millwright.collector.recovery.RecoveryNote;
import io.millwright.collector.recovery.RecoveryState;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is older than what its nodes know; time is this test's own. */
class RecoveryTest {
  private static final Duration LEAST = Duration.ofSeconds(60);
  private static final int DEVICES = 4;

  @TempDir private Path directory = Path.of("");
  private final SetClock clock = new SetClock();
  private final List<Site> sites = new ArrayList<>();
  private long sessions;

  private static final class SetClock implements Clock {
    private long nanos = 1;

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public Instant wall() {
      return Instant.parse("2026-01-02T12:00:00Z").plusNanos(nanos);
    }

    @Override
    public void parkUntil(long until) {}
  }

  /** A collector without its edges, and the nodes that it is connected with. */
  private final class Site implements AutoCloseable {
    final SqliteStore store;
    final AuditLog audit;
    final JobBook book;
    final RecoveryDesk recovery;
    final JobDesk desk;
    private FleetState fleet = FleetState.EMPTY;
    private int joined = 1; // whether GPUs say that they have joined the fabric
    private final List<Told> told = new ArrayList<>();

    Site(Path data) {
      store = SqliteStore.open(data.resolve("collector.db"));
      book = JobBook.open(store, clock, sequence -> ImexChannel.from(0)); // low ones, again
      audit = AuditLog.open(store, clock);
      recovery = RecoveryDesk.open(store, audit, book, LEAST, clock);
      desk = new JobDesk(book, Operating.NONE, Accepting.NONE, recovery, clock);
      sites.add(this);
    }

    @Override
    public void close() {
      sites.remove(this);
      store.close();
    }

    void connect(RememberingNode node) {
      sessions++;
      told.addAll(node.connect(sessions));
      fleet =
          FleetReducer.apply(
              fleet, List.of(new Fact.Connected(node.name, sessions, "1", clock.nanos(), 1)));
    }

    void disconnect(RememberingNode node) {
      told.addAll(node.disconnect());
    }

    void turn(List<RememberingNode> nodes, Duration passes) {
      clock.nanos += passes.toNanos();
      List<Fact> samples = new ArrayList<>();
      for (RememberingNode node : nodes) {
        if (node.connected()) {
          told.addAll(node.turn());
          samples.add(sample(node));
        }
      }
      fleet = FleetReducer.apply(fleet, samples);
      List<Told> now = List.copyOf(told);
      told.clear();
      desk.turn(fleet, now);
      eachRunHasAChannelOfItsOwn(nodes);
    }

    private Fact sample(RememberingNode node) {
      SeriesTable.Builder table = SeriesTable.builder();
      table.add(Cadence.FAST, Series.of(Metric.AGENT_PROBE_UP, node.name, "nvml"));
      List<AcceleratorState> devices = new ArrayList<>();
      for (int i = 0; i < DEVICES; i++) {
        devices.add(device(node.name, i));
        table.add(
            Cadence.FAST,
            Series.of(
                Metric.ACCELERATOR_FABRIC_STATE,
                new Accelerator(node.name, "" + i, uuid(node.name, i), "nvidia", "GB200", true),
                "completed"));
      }
      Readings readings = new Readings(table.build());
      for (int i = 0; i < DEVICES; i++) {
        readings.measured(1 + i, joined);
      }
      return new Fact.Sampled(
          node.name,
          node.session(),
          clock.nanos(),
          1,
          0,
          readings.sample(),
          Optional.empty(),
          devices);
    }

    RunId submit(String json) {
      JobSpec spec = JobJson.submitted(json.getBytes(StandardCharsets.UTF_8), "anna");
      return switch (desk.submit(fleet, spec, OptionalInt.empty(), "a person")) {
        case Submitted.Queued(Run run) -> run.id();
        case Submitted other -> throw new AssertionError(other);
      };
    }

    JobState state(RunId id) {
      return book.run(id).orElseThrow().state();
    }

    String outcome(RunId id) {
      return book.run(id).flatMap(Run::outcome).map(Outcome::text).orElse("none");
    }

    String waiting(RunId id) {
      return String.valueOf(desk.state().waiting().get(id));
    }
  }

  /** Whatever the collector that placed it has lost since. */
  private static void eachRunHasAChannelOfItsOwn(List<RememberingNode> nodes) {
    Map<RunId, ImexChannel> all = new HashMap<>();
    for (RememberingNode node : nodes) {
      node.channels()
          .forEach((run, channel) ->
              assertThat(all.getOrDefault(run, channel))
                  .as("%s on %s", run.text(), node.name)
                  .isEqualTo(channel));
      all.putAll(node.channels());
    }
    assertThat(all.values()).as("channels of %s", all.keySet()).doesNotHaveDuplicates();
  }

  private static String uuid(String node, int index) {
    return "GPU-" + node + "-" + index;
  }

  private static AcceleratorState device(String node, int index) {
    return new AcceleratorState(
        "" + index,
        uuid(node, index),
        "nvidia",
        "GB200",
        true,
        true,
        false,
        Optional.empty(),
        Optional.empty(),
        DeviceReadings.NONE);
  }

  @AfterEach
  void close() {
    List.copyOf(sites).forEach(Site::close);
  }

  private Path fresh(String name) {
    try {
      return Files.createDirectory(directory.resolve(name));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path backedUp(Path data, String name) {
    new Backup(data, directory.resolve(name), clock).make();
    return directory.resolve(name);
  }

  private Site restored(Path backup, String name, OptionalLong generation) {
    new Restore(backup, directory.resolve(name), generation)
        .run(of -> RecoveryNote.restored(clock.wall(), of.backup().words(), of.generation()).put());
    return new Site(directory.resolve(name));
  }

  private static String job(String name, int devices, int nodes) {
    return "{\"name\":\"%s\",\"argv\":[\"/bin/true\"],\"nodes\":%d,\"devices\":{\"count\":%d,\"imex\":true}}"
        .formatted(name, nodes, devices);
  }

  private List<RememberingNode> nodes(int count, Random random) {
    List<RememberingNode> nodes = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      nodes.add(new RememberingNode("n" + i, random));
    }
    return nodes;
  }

  private static void turns(Site site, List<RememberingNode> nodes, int count) {
    for (int i = 0; i < count; i++) {
      site.turn(nodes, Duration.ofSeconds(2));
    }
  }

  @Test
  void whatHappenedAfterTheBackupComesBackFromTheNodes() {
    Random random = new Random(1);
    List<RememberingNode> nodes = nodes(2, random);
    Path data = fresh("data");
    Site first = new Site(data);
    nodes.forEach(first::connect);
    RunId ended = first.submit(job("ended", 1, 1));
    RunId goesOn = first.submit(job("goes-on", 1, 1));
    turns(first, nodes, 3);
    RunId later = first.submit(job("later", 1, 1));
    RunId cancelled = first.submit(job("cancelled", 4, 2));
    Path backup = backedUp(data, "copy"); // two run, two are queued
    turns(first, nodes, 3);
    nodes.forEach(node -> node.end(ended, Outcome.exit(0)));
    nodes.forEach(node -> node.end(later, Outcome.exit(7)));
    turns(first, nodes, 2);
    assertThat(first.outcome(later)).isEqualTo("exit(7)");
    first.book.cancel(cancelled, "anna");
    RunId unknown = first.submit(job("unknown", 1, 1));
    turns(first, nodes, 3);
    RunId again = first.submit(job("later", 2, 1)); // a second run, unknown to the backup
    turns(first, nodes, 3);
    assertThat(first.state(again)).isIn(JobState.ACCEPTED, JobState.RUNNING);
    first.close();

    Site second = restored(backup, "fresh", OptionalLong.empty());
    assertThat(second.audit.entries(0, 10).getLast().draft().what()).isEqualTo("recovery.begin");
    second.connect(nodes.get(0));
    turns(second, nodes, 3);
    assertThat(second.waiting(cancelled))
        .isEqualTo(
            "recovering: no job is placed or stopped before 1 nodes have said what they have: n2");
    second.connect(nodes.get(1));
    turns(second, nodes, 3);
    assertThat(second.desk.state().recovery().strangers())
        .extracting(RecoveryState.Stranger::run)
        .containsExactlyInAnyOrder(again, unknown);
    assertThat(second.submit(job("unknown", 1, 1)).run()).isEqualTo(2);
    second.turn(nodes, LEAST);
    assertThat(second.recovery.active()).isFalse();
    turns(second, nodes, 2);
    assertThat(second.outcome(ended)).isEqualTo("completed");
    assertThat(second.outcome(later)).isEqualTo("exit(7)"); // it was queued in the backup
    assertThat(second.state(goesOn)).isEqualTo(JobState.ACCEPTED);
    assertThat(second.waiting(cancelled)).startsWith("held: ");
    assertThat(second.state(new RunId("unknown", 2))).isNotEqualTo(JobState.QUEUED);
    assertThat(second.recovery.release("root", "looked at")).isInstanceOf(Ruling.Done.class);
    nodes.forEach(node -> node.goOn(true));
    turns(second, nodes, 3);
    assertThat(second.state(cancelled)).isNotEqualTo(JobState.QUEUED);
    assertThat(second.submit(job("later", 1, 1)).run()).isEqualTo(3);
  }

  @Test
  void aNodeThatStaysAwayIsDeclaredLost() {
    List<RememberingNode> nodes = nodes(2, new Random(2));
    Path data = fresh("data");
    Site first = new Site(data);
    nodes.forEach(first::connect);
    RunId both = first.submit(job("both", 4, 2));
    turns(first, nodes, 3);
    Path backup = backedUp(data, "copy");
    first.close();
    nodes.get(1).disconnect();

    Site second = restored(backup, "fresh", OptionalLong.empty());
    second.connect(nodes.get(0));
    turns(second, nodes, 100);
    assertThat(second.recovery.state().waitingFor()).containsExactly("n2");
    assertThat(second.recovery.lost("n9", "root", "gone")).isInstanceOf(Ruling.Unknown.class);
    assertThat(second.recovery.lost("n2", "root", "burnt")).isInstanceOf(Ruling.Done.class);
    second.close();
    nodes.get(0).disconnect();
    second = new Site(directory.resolve("fresh")); // it is remembered
    second.connect(nodes.get(0));
    turns(second, nodes, 3);
    assertThat(second.recovery.active()).isTrue();
    second.turn(nodes, LEAST);
    turns(second, nodes, 2);
    assertThat(second.recovery.active()).isFalse();
    assertThat(second.outcome(both)).isEqualTo("node-lost");
    assertThat(nodes.get(0).open()).isEmpty(); // half a gang was stopped, once all was known
    second.connect(nodes.get(1));
    turns(second, nodes, 3);
    assertThat(nodes.get(1).open()).isEmpty();
  }

  /** Its processes may go on, as far as the collector can tell. */
  @Test
  void aChannelOfALostNodeIsHeldUntilTheNodeSaysThatNothingIsLeft() {
    List<RememberingNode> nodes = nodes(2, new Random(7));
    Path data = fresh("data");
    Site site = new Site(data);
    nodes.forEach(site::connect);
    RunId both = site.submit(job("both", 4, 2));
    turns(site, nodes, 3);
    ImexChannel channel = nodes.get(0).channels().get(both);
    assertThat(nodes.get(1).channels()).containsEntry(both, channel);
    site.disconnect(nodes.get(1));
    site.book.declareEnded("n2", Outcome.Kind.NODE_LOST);
    turns(site, nodes, 3);
    assertThat(site.outcome(both)).isEqualTo("node-lost");
    assertThat(nodes.get(0).open()).isEmpty();
    assertThat(site.book.channels()).isEmpty();
    assertThat(site.desk.channelsElsewhere()).containsExactly(channel);
    site.close();
    nodes.get(0).disconnect();

    site = new Site(data);
    site.connect(nodes.get(0));
    turns(site, nodes, 3);
    assertThat(site.desk.channelsElsewhere()).as("in the next collector").containsExactly(channel);
    site.connect(nodes.get(1)); // and is told to stop it
    turns(site, nodes, 3);
    assertThat(nodes.get(1).open()).isEmpty();
    assertThat(site.desk.channelsElsewhere()).isEmpty();
  }

  @Test
  void aNodeWhoseDevicesHaveNotJoinedTheFabricGetsNoJobWithAChannel() {
    List<RememberingNode> nodes = nodes(1, new Random(9));
    Site site = new Site(fresh("data"));
    site.joined = 0;
    site.connect(nodes.getFirst());
    RunId run = site.submit(job("waits", 1, 1));
    turns(site, nodes, 3);
    assertThat(site.waiting(run)).contains("not each of its GPUs says that it has joined");
    site.joined = 1;
    turns(site, nodes, 3);
    assertThat(nodes.getFirst().open()).containsExactly(run);
  }

  /** It was placed by a store that is lost; nobody has ended it. */
  @Test
  void theChannelOfAStrangerIsGivenToNobody() {
    List<RememberingNode> nodes = nodes(1, new Random(8));
    Path data = fresh("data");
    Site first = new Site(data);
    first.connect(nodes.getFirst());
    turns(first, nodes, 2);
    Path backup = backedUp(data, "copy");
    RunId stranger = first.submit(job("stranger", 1, 1));
    turns(first, nodes, 3);
    ImexChannel channel = nodes.getFirst().channels().get(stranger);
    assertThat(channel).isNotNull();
    first.close();

    Site second = restored(backup, "fresh", OptionalLong.empty());
    second.connect(nodes.getFirst());
    turns(second, nodes, 3);
    second.turn(nodes, LEAST);
    turns(second, nodes, 3);
    assertThat(second.recovery.active()).isFalse();
    assertThat(second.book.channels()).isEmpty();
    assertThat(second.desk.channelsElsewhere()).containsExactly(channel);
    second.disconnect(nodes.getFirst());
    turns(second, nodes, 3);
    assertThat(second.desk.channelsElsewhere()).as("while it is away").containsExactly(channel);
    nodes.getFirst().end(stranger, Outcome.exit(0));
    second.connect(nodes.getFirst());
    turns(second, nodes, 3);
    assertThat(second.desk.channelsElsewhere()).isEmpty();
  }

  /** Were it believed, the book could not be opened any more. */
  @Test
  void anAnswerWithOneDeviceInTwoRunsIsNotBelieved() {
    List<RememberingNode> nodes = nodes(1, new Random(5));
    Path data = fresh("data");
    Site first = new Site(data);
    RunId one = first.submit(job("one", 1, 1));
    RunId two = first.submit(job("two", 1, 1));
    Path backup = backedUp(data, "copy");
    first.connect(nodes.getFirst());
    turns(first, nodes, 3);
    assertThat(nodes.getFirst().open()).containsExactlyInAnyOrder(one, two);
    first.close();

    nodes.getFirst().claim("GPU-n1-0");
    Site second = restored(backup, "fresh", OptionalLong.empty());
    second.connect(nodes.getFirst());
    turns(second, nodes, 3);
    second.turn(nodes, LEAST);
    turns(second, nodes, 2);
    assertThat(second.recovery.state().waitingFor()).containsExactly("n1");
    assertThat(second.book.taken()).isEmpty();
    nodes.getFirst().claim();
    second.connect(nodes.getFirst());
    turns(second, nodes, 3);
    assertThat(second.recovery.active()).isFalse();
    assertThat(second.book.taken().values()).containsExactlyInAnyOrder(one, two);
    second.close();
    second = new Site(directory.resolve("fresh"));
    assertThat(second.book.taken()).hasSize(2);
  }

  @Test
  void aCancelDuringTheRecoveryReachesItsNodesAfterIt() {
    List<RememberingNode> nodes = nodes(1, new Random(3));
    Path data = fresh("data");
    Site first = new Site(data);
    RunId queued = first.submit(job("queued", 1, 1));
    RunId nobodys = first.submit(job("nobodys", 1, 1));
    Path backup = backedUp(data, "copy");
    first.book.cancel(nobodys, "anna");
    first.connect(nodes.getFirst());
    turns(first, nodes, 3);
    assertThat(nodes.getFirst().open()).containsExactly(queued);
    first.close();

    Site second = restored(backup, "fresh", OptionalLong.empty());
    second.desk.cancel(queued, "anna");
    second.desk.cancel(nobodys, "anna");
    assertThat(second.state(queued)).isEqualTo(JobState.QUEUED);
    second.connect(nodes.getFirst());
    turns(second, nodes, 5);
    assertThat(nodes.getFirst().open()).containsExactly(queued);
    second.turn(nodes, LEAST);
    turns(second, nodes, 3);
    assertThat(nodes.getFirst().open()).isEmpty();
    assertThat(second.outcome(queued)).isEqualTo("stopped-by-request");
    assertThat(second.outcome(nobodys)).isEqualTo("stopped-by-request");
    assertThat(nodes.getFirst().started).containsExactly(queued);
  }

  /** As when the snapshot of a machine is rolled back: the same generation, and an older past. */
  @Test
  void aCopyThatWasPutBackIsFoundOutAndGrantsNothing() throws IOException {
    List<RememberingNode> nodes = nodes(1, new Random(4));
    Path data = fresh("data");
    new Site(data).close();
    Path copied = fresh("copied");
    Files.copy(data.resolve("collector.db"), copied.resolve("collector.db"));
    Site first = new Site(data);
    first.connect(nodes.getFirst());
    RunId job = first.submit(job("a", 1, 1));
    turns(first, nodes, 3);
    assertThat(nodes.getFirst().open()).containsExactly(job);

    Site second = new Site(copied); // both run: of one term, and of other starts
    second.connect(nodes.getFirst());
    second.submit(job("b", 1, 1));
    turns(second, nodes, 100);
    assertThat(second.desk.state().recovery().why()).contains("two run over copies of one store");
    assertThat(second.recovery.active()).isTrue();
    assertThat(second.desk.state().refusing()).isEqualTo(1);
    assertThat(nodes.getFirst().started).containsExactly(job);
    first.connect(nodes.getFirst()); // which it keeps to
    turns(first, nodes, 3);
    assertThat(first.recovery.active()).isFalse();
    assertThat(first.desk.state().refusing()).isZero();
    first.desk.cancel(job, "anna");
    turns(first, nodes, 3);
    assertThat(nodes.getFirst().open()).isEmpty();
  }

  @Test
  void aFencedNodeThatWasDeclaredLostBeginsNothingAnew() throws IOException {
    List<RememberingNode> nodes = nodes(2, new Random(6));
    Path data = fresh("data");
    new Site(data).close();
    Path copied = fresh("copied");
    Files.copy(data.resolve("collector.db"), copied.resolve("collector.db"));
    Site first = new Site(data);
    first.connect(nodes.getFirst());
    turns(first, nodes, 3);
    first.close();

    Site second = new Site(copied);
    second.connect(nodes.getFirst());
    RunId wide = second.submit(job("wide", 1, 2));
    turns(second, nodes, 100);
    assertThat(second.recovery.state().waitingFor()).containsExactly("n1");
    assertThat(second.recovery.lost("n1", "root", "obeys another")).isInstanceOf(Ruling.Done.class);
    turns(second, nodes, 3);
    assertThat(second.recovery.active()).isFalse();
    second.connect(nodes.getFirst());
    turns(second, nodes, 3);
    assertThat(second.recovery.active()).isFalse();
    assertThat(second.waiting(wide)).doesNotStartWith("held: ");
  }

  @Test
  void noRunIsRepeatedNoStopLostAndNoDeviceGrantedTwice() {
    for (int i = 0; i < 25; i++) {
      long seed = System.nanoTime() ^ (i * 0x9E3779B97F4A7C15L);
      try {
        course(seed, i);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private void course(long seed, int number) {
    Random random = new Random(seed);
    List<RememberingNode> nodes = nodes(4, random);
    Path data = fresh("data" + number);
    Site site = new Site(data);
    nodes.forEach(site::connect);
    Map<RunId, Integer> members = new HashMap<>();
    Set<RunId> cancelled = new HashSet<>();
    for (int i = 0; i < 12; i++) {
      act(site, nodes, random, members, cancelled);
    }
    Path backup = backedUp(data, "copy" + number);
    for (int i = 0; i < 60; i++) {
      act(site, nodes, random, members, cancelled);
    }
    site.close();
    Set<RunId> before = new HashSet<>(members.keySet());
    Set<RunId> begun = new HashSet<>(starts(nodes));
    nodes.forEach(RememberingNode::mark);
    nodes.forEach(RememberingNode::disconnect);

    Site second = restored(backup, "fresh" + number, OptionalLong.empty());
    Set<RunId> stoppedSince = new HashSet<>();
    List<RememberingNode> away = new ArrayList<>(nodes);
    Map<RunId, Integer> newer = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      if (!away.isEmpty() && random.nextBoolean()) {
        second.connect(away.remove(random.nextInt(away.size())));
      }
      if (random.nextInt(4) == 0) {
        submit(second, random, newer);
      }
      second.book.runs().stream()
          .filter(run -> run.ended().isEmpty() && random.nextInt(40) == 0)
          .map(Run::id)
          .toList()
          .forEach(id -> {
            second.desk.cancel(id, "anna");
            stoppedSince.add(id);
          });
      nodes.forEach(node -> node.goOn(false));
      second.turn(nodes, Duration.ofSeconds(1));
      assertThat(since(nodes)).as("while recovering").isEmpty();
    }
    before.removeAll(newer.keySet()); // a number that no node has seen is given again
    cancelled.removeAll(newer.keySet());
    away.forEach(second::connect);
    turns(second, nodes, 3);
    second.turn(nodes, LEAST);
    assertThat(second.recovery.active()).isFalse();
    turns(second, nodes, 5);
    assertThat(since(nodes)).as("held").noneMatch(before::contains);
    second.recovery.state().held().stream()
        .filter(cancelled::contains)
        .forEach(id -> second.desk.cancel(id, "root")); // who releases looks at them first
    if (second.recovery.state().phase() == RecoveryState.Phase.HOLDING) {
      second.recovery.release("root", "looked at");
    }
    for (int i = 0; i < 80; i++) {
      nodes.forEach(node -> node.goOn(random.nextBoolean()));
      turns(second, nodes, 1);
    }
    turns(second, nodes, 3);
    assertThat(second.book.runs()).allMatch(run -> run.ended().isPresent());
    assertThat(nodes).allMatch(node -> node.open().isEmpty());
    assertThat(since(nodes)).as("cancelled").noneMatch(cancelled::contains);
    assertThat(since(nodes)).as("stoppedSince").noneMatch(stoppedSince::contains);
    assertThat(since(nodes)).as("repeated").noneMatch(begun::contains);
    members.putAll(newer);
    Map<RunId, Integer> counts = new HashMap<>();
    since(nodes).forEach(id -> counts.merge(id, 1, Integer::sum));
    counts.forEach((id, count) -> assertThat(count).as(id.text()).isEqualTo(members.get(id)));
    second.close();
  }

  private static List<RunId> starts(List<RememberingNode> nodes) {
    return nodes.stream().flatMap(node -> node.started.stream()).toList();
  }

  /** Those since the collector was lost. */
  private static List<RunId> since(List<RememberingNode> nodes) {
    return nodes.stream().flatMap(RememberingNode::sinceMark).toList();
  }

  private static void submit(Site site, Random random, Map<RunId, Integer> members) {
    int count = 1 + random.nextInt(2);
    String name = "j" + random.nextInt(25);
    boolean free = site.book.latest(name).map(run -> run.ended().isPresent()).orElse(true);
    if (free) {
      members.put(site.submit(job(name, 1 + random.nextInt(DEVICES), count)), count);
    }
  }

  /** Something of an ordinary day. */
  private static void act(
      Site site,
      List<RememberingNode> nodes,
      Random random,
      Map<RunId, Integer> members,
      Set<RunId> cancelled) {
    RememberingNode node = nodes.get(random.nextInt(nodes.size()));
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> submit(site, random, members);
      case 3 -> {
        List<Run> open = site.book.runs().stream().filter(run -> run.ended().isEmpty()).toList();
        if (!open.isEmpty()) {
          RunId id = open.get(random.nextInt(open.size())).id();
          site.desk.cancel(id, "anna");
          cancelled.add(id);
        }
      }
      case 4 -> {
        if (node.connected()) {
          site.disconnect(node);
        } else {
          site.connect(node);
        }
      }
      default -> nodes.forEach(each -> each.goOn(false));
    }
    if (random.nextInt(3) > 0) {
      turns(site, nodes, 1);
    }
  }
}
