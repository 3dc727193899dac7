package io.millwright.collector.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.placement.Condition;
import io.millwright.collector.placement.Contact;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.placement.DeviceView;
import io.millwright.collector.placement.Duty;
import io.millwright.collector.placement.Location;
import io.millwright.collector.placement.NodeView;
import io.millwright.collector.placement.Placement;
import io.millwright.collector.placement.Planner;
import io.millwright.collector.placement.Presence;
import io.millwright.collector.placement.Tenancy;
import io.millwright.collector.placement.Topology;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A life of the book at random over the embedded store, with crashes before and after a commit and
 * in copies of the store as it lay there; and what must hold after every step.
 */
class JobBookRandomTest {
  private static final int STEPS = 2_500;
  private static final List<String> NODES = List.of("n0", "n1", "n2", "n3");

  @TempDir private Path directory = Path.of("");

  @Test
  void nothingIsGrantedTwiceOrForgotten() throws IOException {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("JobBookRandomTest seed=" + seed + " (-Dseed=)");
    try (Life life = new Life(directory, new Random(seed))) {
      for (int step = 0; step < STEPS; step++) {
        life.step();
      }
      life.drain();
      life.saysSomething();
    }
  }

  /** One collector after the other over the same state, and the agents that outlive them. */
  private static final class Life implements AutoCloseable {
    private static final int GPUS = 8;

    private final Path directory;
    private final Random random;
    private final List<SimulatedNode> nodes;
    private final Map<RunId, JobSpec> acknowledged = new HashMap<>();
    private final Map<RunId, Run> over = new HashMap<>();
    private final Map<String, Desired> seen = new HashMap<>();
    private final Map<RunId, JobState> states = new HashMap<>();
    private final Set<RunId> awaited = new HashSet<>();
    private final Set<RunId> gone = new HashSet<>();
    private int crashes;
    private int grants;
    private Path file;
    private SqliteStore sqlite;
    private CrashingStore store;
    private JobBook book;

    Life(Path directory, Random random) {
      this.directory = directory;
      this.random = random;
      this.file = directory.resolve("store-0.db");
      this.sqlite = SqliteStore.open(file);
      this.store = new CrashingStore(sqlite, random);
      this.book = JobBook.open(store, Jobs.StillClock.NOON);
      this.nodes = NODES.stream().map(name -> new SimulatedNode(name, random)).toList();
    }

    void step() throws IOException {
      if (random.nextInt(12) == 0) {
        store.crashSoon();
      }
      try {
        act();
      } catch (CrashingStore.Crash crash) {
        reopen(crash.tookEffect());
      }
      verify();
    }

    private void act() {
      switch (random.nextInt(10)) {
        case 0, 1 -> submit();
        case 2, 3 -> place();
        case 4 -> cancel();
        case 5, 6 -> exchange(node());
        case 7 -> go();
        case 8 -> node().goOn();
        default -> rare();
      }
    }

    private void rare() {
      if (random.nextInt(10) == 0) {
        SimulatedNode node = node();
        node.forget();
        book.declareEnded(node.name(), Outcome.Kind.UNTRACKED);
      }
    }

    private SimulatedNode node() {
      return nodes.get(random.nextInt(nodes.size()));
    }

    private void submit() {
      JobSpec spec =
          Jobs.spec(
              "job-" + random.nextInt(12),
              random.nextInt(5),
              1 + random.nextInt(3),
              random.nextInt(3) * 50,
              random.nextInt(4) == 0 ? "/bin/false" : "/bin/true");
      switch (book.submit(spec)) {
        case Submission.Accepted(Run run) -> {
          assertThat(acknowledged).doesNotContainKey(run.id());
          acknowledged.put(run.id(), spec);
        }
        case Submission.Known(Run run) -> {
          assertThat(run.spec()).isEqualTo(spec);
          acknowledged.put(run.id(), spec); // the first answer may have been lost in a crash
        }
        case Submission.Refused refused ->
            assertThat(book.latest(spec.name()).orElseThrow().spec()).isNotEqualTo(spec);
      }
    }

    private void place() {
      for (Run run : book.queued()) {
        if (Planner.standard().plan(fleet(), book.taken().keySet(), run.spec())
            instanceof Placement.Placed(var shares)) {
          boolean held = shares.size() > 1 && random.nextInt(4) > 0;
          Run granted =
              Jobs.granted(
                  book.place(
                      run.id(), shares, held ? Grant.Go.AWAITED : Grant.Go.NOT_NEEDED, Set.of()));
          assertThat(granted.grant().orElseThrow().rendezvous().isPresent())
              .as("its members know where they meet")
              .isEqualTo(shares.size() > 1);
          assertThat(
                  book.runs().stream()
                      .filter(open -> open.ended().isEmpty())
                      .flatMap(open -> open.grant().stream())
                      .flatMap(grant -> grant.rendezvous().stream())
                      .toList())
              .as("no two runs meet at one port")
              .doesNotHaveDuplicates();
          grants++;
          return;
        }
      }
    }

    /** As often as not too early, which changes nothing. */
    private void go() {
      for (Run run : book.awaitingGo()) {
        book.go(run.id());
      }
    }

    private static List<NodeView> fleet() {
      return NODES.stream()
          .map(name ->
              new NodeView(
                  name,
                  new Presence.Connected(),
                  new Duty.InService(),
                  IntStream.range(0, GPUS).mapToObj(Life::gpu).toList(),
                  Topology.FLAT,
                  new Tenancy.Vacant(),
                  Location.UNKNOWN,
                  new Contact.At("10.0.0.7")))
          .toList();
    }

    private static DeviceView gpu(int index) {
      return new DeviceView("GPU-" + index, index, DeviceKind.GPU, new Condition.Fit());
    }

    private void cancel() {
      List<Run> runs = book.runs();
      if (!runs.isEmpty()) {
        book.cancel(runs.get(random.nextInt(runs.size())).id(), "somebody");
      }
    }

    private void exchange(SimulatedNode node) {
      Desired desired = book.desired(node.name());
      node.take(desired);
      assertThat(book.applied(node.name(), desired.generation())).isTrue();
      Reporting reporting = book.report(node.name(), node.journal(), node.send());
      node.acknowledged(reporting.acknowledged());
    }

    /** The process is gone; half of the times the next one runs over a copy of what lay there. */
    private void reopen(boolean oneMore) throws IOException {
      crashes++;
      JobBook before = book;
      if (random.nextBoolean()) {
        Path copy = directory.resolve("store-" + crashes + ".db");
        Files.copy(file, copy);
        Files.copy(log(file), log(copy));
        file = copy;
      }
      sqlite.close();
      sqlite = SqliteStore.open(file);
      store = new CrashingStore(sqlite, random);
      book = JobBook.open(store, Jobs.StillClock.NOON);
      verifyRecovered(before, oneMore);
    }

    /** What was in memory was durable; a commit whose answer was lost may stand in addition. */
    private void verifyRecovered(JobBook before, boolean oneMore) {
      if (!oneMore) {
        assertThat(book.runs()).isEqualTo(before.runs());
        assertThat(book.taken()).isEqualTo(before.taken());
        return;
      }
      for (Run run : before.runs()) {
        for (Member member : run.members()) {
          JobState recovered =
              book.run(run.id()).flatMap(r -> r.member(member.node())).orElseThrow().state();
          assertThat(recovered == member.state() || RunReducer.goesOn(member.state(), recovered))
              .as("%s of %s was %s, is %s", member, run.id(), member.state(), recovered)
              .isTrue();
        }
      }
    }

    private static Path log(Path file) {
      return file.resolveSibling(file.getFileName() + "-wal");
    }

    private void verify() {
      Set<DeviceKey> held = new HashSet<>();
      for (Run run : book.runs()) {
        verify(run);
        for (Member member : run.members()) {
          if (member.state() != JobState.ENDED) {
            hold(held, member);
          }
        }
      }
      assertThat(book.taken().keySet()).isEqualTo(held);
      acknowledged.forEach(
          (id, spec) -> assertThat(book.run(id).map(Run::spec)).as("%s", id).hasValue(spec));
      NODES.forEach(this::verifyDesired);
    }

    private static void hold(Set<DeviceKey> held, Member member) {
      for (String uuid : member.devices().uuids()) {
        assertThat(held.add(new DeviceKey(member.node(), uuid)))
            .as("%s of %s is granted once", uuid, member.node())
            .isTrue();
      }
    }

    private void verify(Run run) {
      states.put(run.id(), run.state());
      Grant.Go go = run.grant().map(Grant::go).orElse(Grant.Go.NOT_NEEDED);
      assertThat(go == Grant.Go.NOT_NEEDED || !gone.contains(run.id()))
          .as("what %s was given is not taken back", run.id())
          .isTrue();
      if (go != Grant.Go.NOT_NEEDED) {
        awaited.add(run.id());
      } else if (awaited.contains(run.id())) {
        gone.add(run.id());
      }
      assertThat(go != Grant.Go.NOT_NEEDED && nodes.stream().anyMatch(node -> node.began(run.id())))
          .as("a member of %s began before all were ready", run.id())
          .isFalse();
      if (over.containsKey(run.id())) {
        assertThat(run).as("an ended run never changes").isEqualTo(over.get(run.id()));
      } else if (run.state() == JobState.ENDED) {
        over.put(run.id(), run);
      }
    }

    private void verifyDesired(String node) {
      Desired now = book.desired(node);
      Desired before = seen.put(node, now);
      if (before == null) {
        return;
      }
      assertThat(now.generation()).isGreaterThanOrEqualTo(before.generation());
      assertThat(now.term()).isGreaterThanOrEqualTo(before.term());
      if (now.generation() == before.generation()) {
        assertThat(now).as("one generation is one desired state").isEqualTo(before);
      }
    }

    /** Without faults and new jobs everything comes to its end. */
    void drain() throws IOException {
      for (int round = 0; round < 2_000 && !allOver(); round++) {
        step(this::place);
        for (SimulatedNode node : nodes) {
          node.goOn();
          step(() -> exchange(node));
          step(this::go);
        }
      }
      assertThat(allOver()).as("all runs end: %s", states).isTrue();
      assertThat(book.taken()).isEmpty();
    }

    private void step(Runnable action) throws IOException {
      try {
        action.run();
      } catch (CrashingStore.Crash crash) {
        reopen(crash.tookEffect());
      }
      verify();
    }

    private boolean allOver() {
      return book.runs().stream().allMatch(run -> run.state() == JobState.ENDED);
    }

    void saysSomething() {
      assertThat(crashes).isGreaterThan(20);
      assertThat(grants).isGreaterThan(40);
      assertThat(gone).as("gangs that went").isNotEmpty();
      assertThat(over.values().stream().flatMap(run -> run.outcome().stream()).distinct())
          .hasSizeGreaterThan(3);
    }

    @Override
    public void close() {
      sqlite.close();
    }
  }
}
