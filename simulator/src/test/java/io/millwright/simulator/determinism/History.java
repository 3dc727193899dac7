package io.millwright.simulator.determinism;

import io.millwright.agent.jobs.Run;
import io.millwright.collector.control.Submitted;
import io.millwright.collector.jobs.Member;
import io.millwright.collector.recovery.RecoveryNote;
import io.millwright.collector.recovery.RecoveryState;
import io.millwright.collector.store.EventQuery;
import io.millwright.collector.store.EventRow;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunId;
import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One history: a time of faults, a time without, in which all must come to what is wanted, and a
 * time in which all jobs end. A seed is a history.
 */
final class History implements AutoCloseable {
  private static final int STEPS = 30;
  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(150);
  private static final Duration OVER_WITHIN = Duration.ofMinutes(5);
  private static final int LONGEST_LINE = 600;
  private static final int MOST_JOBS = 5;

  private final Random random;
  private final Ground ground;
  private final Hush log;
  private final Path directory;
  private final VirtualClock clock = new VirtualClock();
  private final Witness witness = new Witness(this::seen);
  private final List<Node> nodes = new ArrayList<>();
  private final List<Site> sites = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();
  private final List<Wish> wishes = new ArrayList<>();
  private final Set<Integer> samples = new HashSet<>();
  private final Faults faults;
  private final List<String> told = new ArrayList<>();
  private boolean calm;
  private boolean exits = true;
  private int jobs;
  private int step;
  private Optional<Backup> backup = Optional.empty();
  private boolean manyStores;

  /** A machine and the life of the agent that is there. */
  private final class Node {
    private final String name;
    private final Path files;
    private final Machine machine;
    private @Nullable SimulatedAgent agent;
    private int lives;
    private int awayUntil;
    private int pausedUntil;

    Node(String name) {
      this.name = name;
      this.files = directory.resolve(name);
      this.machine = new Machine(name, witness, clock, random);
    }
  }

  /** A store and the life of the collector that is there. */
  private static final class Site {
    private final int number;
    private SimulatedStore.Disk disk;
    private BookView view;
    private @Nullable SimulatedCollector collector;
    private long firstEvent;
    private int endedBefore;
    private int awayUntil;
    private int pausedUntil;

    Site(int number, SimulatedStore.Disk disk, BookView view, long firstEvent) {
      this.number = number;
      this.disk = disk;
      this.view = view;
      this.firstEvent = firstEvent;
    }
  }

  private record Backup(SimulatedStore.Disk disk, BookView view) {}

  /** A job that somebody wants, and asks for until he has an answer. */
  private static final class Wish {
    private final JobSpec spec;
    private final Site site;
    private @Nullable CompletableFuture<Submitted> answer;

    Wish(JobSpec spec, Site site) {
      this.spec = spec;
      this.site = site;
    }
  }

  /** How often what goes wrong in this history; each has others. */
  private record Faults(
      int cut,
      int crashAgent,
      int crashCollector,
      int pause,
      int full,
      int reboot,
      int lose,
      int split,
      int restore) {
    static Faults of(Random random) {
      return new Faults(
          often(random, 8),
          often(random, 12),
          often(random, 12),
          often(random, 15),
          often(random, 20),
          rarely(random, 6),
          rarely(random, 10),
          rarely(random, 6) / 4,
          rarely(random, 8) / 2);
    }

    private static int often(Random random, int about) {
      return random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(2 * about);
    }

    private static int rarely(Random random, int oneIn) {
      return random.nextInt(oneIn) == 0 ? STEPS : 0;
    }
  }

  History(long seed, Ground ground, Hush log) throws IOException {
    Violation.forget();
    log.heard();
    this.random = new Random(seed);
    this.ground = ground;
    this.log = log;
    this.directory = ground.fresh();
    this.faults = Faults.of(random);
    int count = random.nextInt(4) == 0 ? 3 : 2;
    for (int i = 1; i <= count; i++) {
      nodes.add(new Node("n" + i));
    }
    sites.add(new Site(0, new SimulatedStore.Disk(), new BookView(), ground.events(0).newest()));
    witness.over(run -> !manyStores && sites.getFirst().view.over(run));
  }

  /** What happened, for whoever looks for the cause of a violation. */
  List<String> told() {
    return told;
  }

  private void seen(Supplier<String> what) {
    if (log.loud()) {
      String line = what.get();
      tell(line.substring(0, Math.min(line.length(), LONGEST_LINE)));
    }
  }

  private void tell(String what) {
    told.add("%4d %8.3f %s".formatted(step, clock.nanos() / 1e9, what));
  }

  void run() throws IOException {
    while (step < STEPS) {
      step();
    }
    calm();
    if (random.nextInt(3) == 0) {
      exits = false; // what is wanted stands still, so that it can be compared with what is
      await("I7", "all is as it is wanted", SETTLED_WITHIN, this::unsettled);
      exits = true;
    }
    await("I7", "all jobs end", OVER_WITHIN, this::unfinished);
    atTheEnd();
  }

  // ---- a step

  private void step() throws IOException {
    step++;
    clock.pass(passes());
    if (!calm) {
      goWrong();
    }
    for (Site site : sites) {
      open(site);
    }
    for (Node node : nodes) {
      begin(node);
    }
    want();
    carry();
    for (Node node : nodes) {
      if (step >= node.pausedUntil) {
        node.machine.goOn(exits, calm);
        agentTurn(node);
      }
    }
    carry();
    for (Site site : sites) {
      collectorTurn(site);
    }
    links.removeIf(Link::over);
    Violation.check();
  }

  private Duration passes() {
    if (calm) {
      return Duration.ofSeconds(4);
    }
    return random.nextInt(10) == 0
        ? Duration.ofMillis(3_000 + random.nextInt(17_000))
        : Duration.ofMillis(20 + random.nextInt(1_500));
  }

  private boolean chance(int oneIn) {
    return oneIn > 0 && random.nextInt(oneIn) == 0;
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  // ---- faults

  private void goWrong() throws IOException {
    if (chance(faults.cut()) && !links.isEmpty()) {
      tell("cut");
      any(links).cut();
    }
    if (sites.size() > 1 && !links.isEmpty() && random.nextInt(3) == 0) {
      any(links).cut(); // so that nodes meet both
    }
    Node node = any(nodes);
    Site site = any(sites);
    if (chance(faults.crashAgent())) {
      crash(node);
    }
    if (chance(faults.crashCollector())) {
      crash(site);
    }
    if (chance(faults.pause())) {
      node.pausedUntil = step + random.nextInt(8);
    }
    if (chance(faults.pause())) {
      site.pausedUntil = step + random.nextInt(8);
    }
    if (node.agent != null) {
      node.agent.disk().full(chance(faults.full()));
    }
    if (site.collector != null) {
      site.collector.store().failing(chance(faults.full()));
    }
    if (chance(faults.reboot())) {
      tell(node.name + " reboots");
      died(node, true);
      node.machine.reboot();
    }
    if (chance(faults.lose())) {
      loseJournal(node);
    }
    if (chance(faults.split()) && sites.size() == 1 && backup.isEmpty()) {
      split(site);
    }
    if (chance(faults.restore()) && sites.size() == 1) {
      restore(site);
    }
  }

  private void crash(Node node) {
    SimulatedAgent agent = node.agent;
    if (agent == null) {
      return;
    }
    if (random.nextBoolean()) {
      agent.disk().crashSoon();
    } else {
      tell(node.name + " is killed");
      died(node, random.nextInt(4) == 0);
    }
  }

  private void crash(Site site) {
    SimulatedCollector collector = site.collector;
    if (collector == null) {
      return;
    }
    if (random.nextBoolean()) {
      collector.store().crashSoon();
    } else {
      died(site);
    }
  }

  private void died(Node node, boolean unheard) {
    SimulatedAgent agent = node.agent;
    if (agent == null) {
      return;
    }
    tell(node.name + " has died");
    links.stream().filter(link -> link.agent == agent).forEach(link -> link.agentDied(unheard));
    agent.bury();
    node.agent = null;
    node.awayUntil = step + 1 + random.nextInt(6);
  }

  private void died(Site site) {
    SimulatedCollector collector = site.collector;
    if (collector == null) {
      return;
    }
    tell("collector " + site.number + " has died");
    boolean unheard = random.nextInt(4) == 0;
    links.stream()
        .filter(link -> link.collector == collector)
        .forEach(link -> link.collectorDied(unheard));
    collector.store().crash();
    site.collector = null;
    site.awayUntil = step + 1 + random.nextInt(6);
  }

  private void loseJournal(Node node) throws IOException {
    tell(node.name + " loses its journal");
    died(node, false);
    if (node.files.resolve("journal").toFile().exists()) {
      Ground.delete(node.files.resolve("journal"));
    }
    witness.lostJournal(node.name);
    node.machine.disown();
  }

  /** A copy of the running collector's disk is started beside it. */
  private void split(Site site) {
    tell("a copy of collector " + site.number + " is started");
    manyStores = true;
    Site copy = new Site(1, site.disk.copy(), site.view.copy(), ground.events(1).newest());
    sites.add(copy);
  }

  /** First a backup is made, some time later it takes the place of the store. */
  private void restore(Site site) {
    if (backup.isEmpty()) {
      tell("backup");
      backup = Optional.of(new Backup(site.disk.copy(), site.view.copy()));
      return;
    }
    restore(site, backup.get());
  }

  private void restore(Site site, Backup from) {
    tell("collector " + site.number + " is restored");
    manyStores = true;
    died(site);
    long generation = from.disk().generation() + 1;
    generation = Math.max(generation, site.disk.generation() + 1);
    site.disk =
        from.disk()
            .restored(
                generation, RecoveryNote.restored(clock.wall(), "a while ago", generation).put());
    site.view = from.view().copy();
    wishes.removeIf(wish -> wish.site == site);
  }

  // ---- processes

  private void open(Site site) {
    if (site.collector != null || step < site.awayUntil) {
      return;
    }
    SimulatedStore store = SimulatedStore.open(site.disk, random);
    if (!calm && chance(faults.crashCollector())) {
      store.crashSoon();
    }
    try {
      SimulatedCollector collector =
          new SimulatedCollector(
              store, site.view, ground.events(site.number), samples, ground.trust(), clock);
      site.collector = collector;
      tell("collector %d is up, term %s".formatted(site.number, store.term()));
      collector.turn();
      site.endedBefore = collector.endedBefore();
    } catch (Crash crash) {
      died(site);
      site.awayUntil = step + 1;
    }
  }

  private void begin(Node node) {
    if (node.agent != null || step < node.awayUntil) {
      return;
    }
    node.lives++;
    tell(node.name + " starts");
    SimulatedAgent agent =
        new SimulatedAgent(
            node.name,
            node.lives,
            node.files,
            node.machine,
            ground.policy(),
            ground.trust(),
            witness,
            clock,
            random);
    node.agent = agent;
  }

  private void agentTurn(Node node) {
    SimulatedAgent agent = node.agent;
    if (agent == null) {
      return;
    }
    connect(node, agent);
    try {
      agent.step();
    } catch (Crash crash) {
      tell(node.name + " dies in its turn");
    }
    afterAgent(node, agent);
  }

  /** Where it has died, nothing that it wrote since has been. */
  private void afterAgent(Node node, SimulatedAgent agent) {
    if (agent.dead()) {
      log.heard();
      died(node, random.nextInt(4) == 0);
      return;
    }
    alarmed(node.name);
    links.stream().filter(link -> link.agent == agent).forEach(Link::collect);
  }

  private void alarmed(String who) {
    String line = log.heard();
    Violation.unless(line.isEmpty(), "an error", "%s: %s", who, line);
  }

  private void connect(Node node, SimulatedAgent agent) {
    if (!agent.uplink().due()) {
      return;
    }
    List<SimulatedCollector> there = new ArrayList<>();
    for (Site site : sites) {
      if (site.collector != null) {
        there.add(site.collector);
      }
    }
    if (there.isEmpty() || (!calm && random.nextInt(5) == 0)) {
      agent.uplink().refused();
      return;
    }
    SimulatedCollector collector = any(there);
    tell(node.name + " connects");
    SteppedChannel agentEnd = channel(ground.trust().towardsCollector(), agent.uplink().next());
    SteppedChannel collectorEnd =
        channel(ground.trust().towardsNode(node.name), collector.ingest().next());
    agent.uplink().connected(agentEnd);
    Link link = new Link(agent, collector, agentEnd, collectorEnd, witness, random);
    links.add(link);
    link.collect();
  }

  private SteppedChannel channel(ChannelHandler... handlers) {
    return new SteppedChannel(clock, handlers).opened();
  }

  private void collectorTurn(Site site) {
    SimulatedCollector collector = site.collector;
    if (collector == null || step < site.pausedUntil) {
      return;
    }
    try {
      links.stream().filter(link -> link.collector == collector).forEach(Link::collectorTurn);
      collector.turn();
    } catch (Crash crash) {
      tell("collector " + site.number + " dies in its turn");
    }
    if (collector.dead()) {
      log.heard();
      died(site);
      return;
    }
    alarmed("collector " + site.number);
    links.stream().filter(link -> link.collector == collector).forEach(Link::collect);
    answered(site);
  }

  // ---- the network

  private void carry() {
    List<Link> order = new ArrayList<>(links);
    Collections.shuffle(order, random);
    for (Link link : order) {
      Node node = nodeOf(link.agent);
      if (node != null && step >= node.pausedUntil && link.waitsForAgent() && goes()) {
        link.deliverToAgent(calm || random.nextInt(4) > 0);
        afterAgent(node, link.agent);
      }
      Site site = siteOf(link.collector);
      if (site != null && step >= site.pausedUntil && link.waitsForCollector() && goes()) {
        link.deliverToCollector(calm || random.nextInt(4) > 0);
      }
    }
  }

  private boolean goes() {
    return calm || random.nextInt(4) > 0;
  }

  private @Nullable Node nodeOf(SimulatedAgent agent) {
    return nodes.stream().filter(node -> node.agent == agent).findFirst().orElse(null);
  }

  private @Nullable Site siteOf(SimulatedCollector collector) {
    return sites.stream().filter(site -> site.collector == collector).findFirst().orElse(null);
  }

  // ---- people

  private void want() {
    if (!calm && jobs < MOST_JOBS && random.nextInt(4) == 0) {
      jobs++;
      wishes.add(new Wish(spec("job-" + jobs), any(sites)));
    }
    for (Wish wish : wishes) {
      SimulatedCollector collector = wish.site.collector;
      if (collector != null && wish.answer == null && (calm || random.nextBoolean())) {
        wish.answer = collector.submit(wish.spec);
      }
    }
    Site site = any(sites);
    if (!calm && site.collector != null && random.nextInt(12) == 0) {
      var runs = site.collector.runs();
      if (!runs.isEmpty()) {
        RunId run = any(runs).id();
        tell("cancel " + run.text());
        site.collector.cancel(run);
      }
    }
    if (calm && site.collector != null && !site.collector.recovering().held().isEmpty()) {
      site.collector.release();
    }
  }

  private JobSpec spec(String name) {
    return new JobSpec(
        name,
        List.of("/bin/true"),
        Map.of(),
        Optional.empty(),
        "nobody",
        "",
        random.nextInt(3) * 50,
        new DeviceRequest(DeviceKind.GPU, random.nextInt(SimulatedAgent.DEVICES + 1)),
        1 + random.nextInt(2),
        OptionalLong.empty(),
        1_000,
        OptionalLong.empty(),
        OptionalInt.empty(),
        JobSpec.LeaseRule.KEEP);
  }

  private void answered(Site site) {
    for (Wish wish : List.copyOf(wishes)) {
      CompletableFuture<Submitted> answer = wish.answer;
      if (wish.site != site || answer == null) {
        continue;
      }
      if (!answer.isDone() || answer.isCompletedExceptionally()) {
        wish.answer = null;
        continue;
      }
      wishes.remove(wish);
      tell(
          "answer to %s: %s".formatted(wish.spec.name(), answer.join().getClass().getSimpleName()));
      switch (answer.join()) {
        case Submitted.Queued(var run) -> site.view.acknowledged(run);
        case Submitted.Known(var run) -> site.view.acknowledged(run);
        case Submitted.Conflicting conflicting ->
            Violation.unless(false, "I4", "%s", conflicting.sentence());
        case Submitted.Impossible impossible -> {}
      }
    }
  }

  // ---- without faults

  private void calm() {
    tell("calm");
    calm = true;
    oneStore();
    for (Node node : nodes) {
      node.pausedUntil = 0;
      if (node.agent != null) {
        node.agent.disk().calm();
      }
    }
    for (Site site : sites) {
      site.pausedUntil = 0;
      if (site.collector != null) {
        site.collector.store().calm();
      }
    }
  }

  /**
   * Of two collectors the newer one stays, and the operator restores its store: nodes that the
   * older one told something since refuse it otherwise.
   */
  private void oneStore() {
    if (sites.size() < 2) {
      return;
    }
    Site older = sites.removeFirst();
    died(older);
    wishes.removeIf(wish -> wish.site == older);
    Site newer = sites.getFirst();
    restore(newer, new Backup(newer.disk.copy(), newer.view));
  }

  private interface Condition {
    /** What is still to come; empty for nothing. */
    Optional<String> lacks();
  }

  private void await(String invariant, String what, Duration longest, Condition condition)
      throws IOException {
    long until = clock.nanos() + longest.toNanos();
    Optional<String> lacks = condition.lacks();
    while (lacks.isPresent() && clock.nanos() < until) {
      step();
      lacks = condition.lacks();
    }
    Violation.unless(
        lacks.isEmpty(), invariant, "%s within %s; but %s", what, longest, lacks.orElse(""));
  }

  private Optional<String> unsettled() {
    SimulatedCollector collector = sites.getFirst().collector;
    if (collector == null) {
      return Optional.of("the collector is away");
    }
    if (collector.recovering().phase() != RecoveryState.NONE.phase()) {
      return Optional.of("it recovers: " + collector.recovering());
    }
    if (!wishes.isEmpty()) {
      return Optional.of("a job waits for its answer");
    }
    if (collector.trouble().isPresent()) {
      return collector.trouble();
    }
    for (var run : collector.runs()) {
      Optional<String> lacks = lacks(run);
      if (lacks.isPresent()) {
        return lacks;
      }
    }
    return nodes.stream().flatMap(node -> lacks(node, collector).stream()).findFirst();
  }

  private Optional<String> lacks(io.millwright.collector.jobs.Run run) {
    boolean open = run.ended().isEmpty() && run.grant().isPresent();
    if (open && (run.stop().isPresent() || run.failure().isPresent())) {
      return Optional.of(run.id().text() + " is to end, all of it: " + run.members());
    }
    for (Member member : run.members()) {
      Node node =
          nodes.stream().filter(n -> n.name.equals(member.node())).findFirst().orElseThrow();
      if (node.agent == null) {
        return Optional.of(node.name + " is away");
      }
      Optional<Run> there = node.agent.run(run.id());
      boolean agrees =
          member.open()
              ? there.filter(r -> r.state() == member.state()).isPresent()
                  && member.state() == JobState.RUNNING
              : there.filter(Run::open).isEmpty();
      if (!agrees) {
        return Optional.of(
            "%s is %s on %s for the book, and %s there"
                .formatted(run.id().text(), member.state(), node.name, there.map(Run::state)));
      }
    }
    return Optional.empty();
  }

  private Optional<String> lacks(Node node, SimulatedCollector collector) {
    SimulatedAgent agent = node.agent;
    if (agent == null) {
      return Optional.of(node.name + " is away");
    }
    if (!agent.unacknowledged().isEmpty()) {
      return Optional.of(
          "%d reports of %s are not acknowledged"
              .formatted(agent.unacknowledged().size(), node.name));
    }
    Set<RunId> wanted = new HashSet<>();
    for (Run run : agent.runs()) {
      if (run.state() == JobState.RUNNING) {
        wanted.add(run.id());
      }
    }
    if (!wanted.equals(new HashSet<>(node.machine.running()))) {
      return Optional.of(
          "%s has processes of %s, its agent holds %s"
              .formatted(node.name, node.machine.running(), wanted));
    }
    Set<RunId> known = new HashSet<>();
    collector.runs().stream()
        .filter(run -> run.ended().isEmpty())
        .forEach(run -> known.add(run.id()));
    wanted.removeAll(known);
    return wanted.isEmpty() || manyStores || faults.lose() > 0
        ? Optional.empty()
        : Optional.of("%s runs %s, which nobody wants".formatted(node.name, wanted));
  }

  private Optional<String> unfinished() {
    SimulatedCollector collector = sites.getFirst().collector;
    if (collector == null) {
      return Optional.of("the collector is away");
    }
    for (var run : collector.runs()) {
      if (run.ended().isEmpty()) {
        return Optional.of(
            "%s is %s (%s)".formatted(run.id().text(), run, collector.waiting().get(run.id())));
      }
    }
    for (Node node : nodes) {
      if (!node.machine.holding().isEmpty()) {
        return Optional.of("%s still has %s".formatted(node.name, node.machine.holding()));
      }
      SimulatedAgent agent = node.agent;
      if (agent == null || !agent.unacknowledged().isEmpty()) {
        return Optional.of("not all reports of %s are acknowledged".formatted(node.name));
      }
    }
    return collector.vacant() ? events() : Optional.of("devices are still taken");
  }

  // ---- at the end

  /** Every event of the nodes is in the table of the collector. */
  private Optional<String> events() {
    Set<String> there = new HashSet<>(rows());
    for (Node node : nodes) {
      SimulatedAgent agent = node.agent;
      if (agent == null) {
        return Optional.of(node.name + " is away");
      }
      for (String event : agent.chronicle().kept()) {
        if (!there.contains(node.name + " " + event)) {
          return Optional.of("an event of %s has not come: %s".formatted(node.name, event));
        }
      }
      for (int sample : agent.samples()) {
        if (!samples.contains(SimulatedAgent.sample(node.name, sample))) {
          return Optional.of("sample %d of %s has not come".formatted(sample, node.name));
        }
      }
    }
    return Optional.empty();
  }

  private List<String> rows() {
    Site site = sites.getFirst();
    List<String> rows = new ArrayList<>();
    for (EventRow row :
        ground.events(site.number).find(EventQuery.behind(site.firstEvent, 10_000)).rows()) {
      if (!row.body().isEmpty()) {
        rows.add("%s %d %s %s".formatted(row.node(), row.atMs(), row.kind(), row.body()));
      }
    }
    return rows;
  }

  private void atTheEnd() {
    Site site = sites.getFirst();
    SimulatedCollector collector = site.collector;
    if (collector == null) {
      throw new IllegalStateException("it is there");
    }
    Set<String> once = new HashSet<>();
    for (String row : rows()) {
      Violation.unless(once.add(row), "I10", "an event is counted twice: %s", row);
    }
    Violation.unless(
        collector.finished() == collector.runs().size() - site.endedBefore,
        "I10",
        "%d ends were counted, %d runs have ended of which %d had before",
        collector.finished(),
        collector.runs().size(),
        site.endedBefore);
    for (var run : collector.runs()) {
      for (Member member : run.members()) {
        if (member.declared().isEmpty() && witness.era(member.node()) == 0) {
          witness
              .outcome(member.node(), run.id())
              .ifPresent(said ->
                  Violation.unless(
                      member.outcome().filter(said::equals).isPresent(),
                      "I10",
                      "%s ended on %s with %s, and the book says %s",
                      run.id().text(),
                      member.node(),
                      said,
                      member.outcome()));
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Node node : nodes) {
      if (node.agent != null) {
        node.agent.bury();
      }
    }
    Ground.delete(directory);
    log.heard();
  }
}
