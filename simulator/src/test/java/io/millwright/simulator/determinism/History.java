package io.millwright.simulator.determinism;

import io.millwright.collector.recovery.RecoveryNote;
import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One history: a time of faults, a time without, in which all must come to what is wanted, and a
 * time in which all jobs end. A seed is a history.
 */
final class History implements AutoCloseable {
  /**
   * Six jobs one after the other, each in six turns of six seconds that a gang takes to begin and
   * to end; and half as long for nodes to come back.
   */
  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(324);

  /** A job is begun again twice at most, and each time avoids for ten minutes where it failed. */
  private static final Duration OVER_WITHIN = Duration.ofMinutes(25);

  /** Steps after the faults in which every machine is on again. */
  private static final int SOON = 10;

  private final Random random;
  private final Ground ground;
  private final Hush log;
  private final Path directory;
  private final VirtualClock clock = new VirtualClock();
  private final Witness witness;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Site> sites = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();
  private final Set<Integer> samples = new HashSet<>();
  private final Faults faults;
  private final Optional<Twins> twins;
  private final People people;
  private final Trace trace;
  private boolean calm;
  private boolean exits = true;
  private boolean over;
  private int step;
  private Optional<Backup> backup = Optional.empty();
  private boolean manyStores;

  private record Backup(SimulatedStore.Disk disk, BookView view) {}

  History(long seed, Ground ground, Hush log, Trace trace) throws IOException {
    Violation.forget();
    log.heard();
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    this.ground = ground;
    this.log = log;
    this.trace = trace;
    this.directory = ground.fresh();
    this.witness = new Witness(what -> trace.seen(step, clock.nanos(), what));
    this.faults = Faults.of(random);
    this.twins =
        faults.kind() == Faults.Kind.TWINS ? Optional.of(new Twins(random)) : Optional.empty();
    this.people = new People(random, faults, this::tell);
    int count = random.nextInt(4) == 0 ? 3 : 2;
    for (int i = 1; i <= count; i++) {
      String name = "n" + i;
      Machine machine = new Machine(name, witness, clock, random);
      machine.sickening(faults.kind() == Faults.Kind.RESTARTS ? 3 : 0);
      if (faults.kind() == Faults.Kind.LEASES) {
        machine.ending(30); // else hardly anything runs longer than its lease
      }
      Path files = directory.resolve(name);
      nodes.add(new Node(name, files, machine, new Platter(files, random)));
    }
    sites.add(
        new Site(0, new SimulatedStore.Disk(), new BookView(witness), ground.events(0).newest()));
    witness.over(run -> !manyStores && sites.getFirst().view.over(run));
  }

  private void tell(String what) {
    trace.tell(step, clock.nanos(), what);
  }

  void run() throws IOException {
    tell(faults.toString());
    while (step < faults.steps()) {
      step();
    }
    calm();
    Ending ending =
        new Ending(
            nodes,
            sites.getFirst(),
            ground.events(sites.getFirst().number),
            witness,
            samples,
            !manyStores);
    if (random.nextInt(3) == 0) {
      exits = false; // what is wanted stands still, so that it can be compared with what is
      await(
          "I7", "all is as it is wanted", SETTLED_WITHIN, () -> ending.unsettled(people.waiting()));
      exits = true;
    }
    over = true;
    await("I7", "all jobs end", OVER_WITHIN, ending::unfinished);
    ending.check();
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
      node.machine.guard();
    }
    want();
    carry();
    for (Node node : nodes) {
      if (step >= node.pausedUntil) {
        goOn(node);
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

  /** What processes do; without faults in no time, so that a history is not long. */
  private void goOn(Node node) {
    node.machine.goOn(exits, calm);
    for (int more = 0; calm && more < 2 && node.agent != null && !node.agent.dead(); more++) {
      node.agent.turn();
      node.machine.goOn(exits, true);
    }
  }

  /** Whether the keeper of a collector's events has its turn. */
  private boolean keeps(Site site) {
    return calm ? step % 4 == 0 : step >= site.keeperPausedUntil && random.nextInt(3) == 0;
  }

  private Duration passes() {
    if (calm) {
      return Duration.ofSeconds(6);
    }
    if (faults.kind() == Faults.Kind.LEASES) {
      return Duration.ofMillis(500 + random.nextInt(5_500));
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
    twins.ifPresent(this::asTwins);
    if (chance(faults.cut()) && !links.isEmpty()) {
      tell("cut");
      any(links).cut();
    }
    if (sites.size() > 1 && twins.isEmpty() && !links.isEmpty() && random.nextInt(3) == 0) {
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
    if (chance(faults.pauseKeeper())) {
      site.keeperPausedUntil = step + random.nextInt(8);
    }
    if (node.agent != null) {
      node.agent.disk().full(chance(faults.full()));
    }
    if (site.collector != null) {
      site.collector.store().failing(chance(faults.full()));
    }
    if (chance(faults.reboot())) {
      tell(node.name + " reboots");
      reboot(node);
    }
    for (Node believing : nodes) {
      losePowerWhereItMatters(believing);
    }
    if (chance(faults.off()) && awayOrCut() == 0) {
      off(node);
    }
    if (chance(faults.lost())) {
      nodes.stream()
          .filter(this::gone)
          .findFirst()
          .ifPresent(gone -> people.declareLost(site, gone.name));
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

  /** Where an agent has read what the one before it wrote and did not synchronise. */
  private void losePowerWhereItMatters(Node node) throws IOException {
    boolean read = node.agent != null && node.platter.holdsUnsafe();
    if (read && faults.reboot() > 0 && random.nextBoolean()) {
      tell(node.name + " reboots without " + node.platter);
      reboot(node);
    }
  }

  private void reboot(Node node) throws IOException {
    died(node, true);
    node.platter.losePower();
    node.machine.reboot();
  }

  private boolean gone(Node node) {
    return step < node.cutOffUntil || step + 1 < node.awayUntil;
  }

  private long awayOrCut() {
    return nodes.stream().filter(this::gone).count();
  }

  /** For longer: without power, without its agent, or without a way to any collector. */
  private void off(Node node) throws IOException {
    boolean longer = faults.kind() == Faults.Kind.LEASES; // than their leases last
    int until = step + (longer ? 16 + random.nextInt(20) : 6 + random.nextInt(8));
    switch (random.nextInt(longer ? 8 : 3)) { // else mostly cut off, with what runs there
      case 0 -> {
        tell(node.name + " is off");
        reboot(node);
        node.awayUntil = until;
      }
      case 1 -> {
        tell(node.name + " has no agent");
        died(node, random.nextBoolean());
        node.awayUntil = until;
      }
      default -> {
        tell(node.name + " is cut off");
        links.stream().filter(link -> link.agent == node.agent).forEach(Link::cut);
        node.cutOffUntil = until;
      }
    }
  }

  private void asTwins(Twins course) {
    Site older = sites.getFirst();
    if (course.splits(step)) {
      split(older);
      older.unreachable = true;
      links.forEach(Link::cut);
    }
    if (course.restarts(step)) {
      died(older);
      older.awayUntil = step + 1;
    }
    if (course.cancels(step)) {
      people.cancel(sites.getLast());
    }
    if (course.swaps(step)) {
      older.unreachable = false;
      sites.getLast().unreachable = true;
      links.forEach(Link::cut);
    }
  }

  private void crash(Node node) throws IOException {
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

  private void died(Node node, boolean unheard) throws IOException {
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
      node.platter.forgetGone();
    }
    node.awayUntil = step + random.nextInt(3); // while its processes still run
    witness.lostJournal(node.name);
    node.machine.disown();
  }

  /** A copy of the running collector's disk is started beside it. */
  private void split(Site site) {
    tell("a copy of collector " + site.number + " is started");
    manyStores = true;
    witness.manyStores();
    sites.add(site.copy(1, ground.events(1).newest()));
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
    witness.manyStores();
    died(site);
    long generation = from.disk().generation() + 1;
    generation = Math.max(generation, site.disk.generation() + 1);
    site.disk =
        from.disk()
            .restored(
                generation, RecoveryNote.restored(clock.wall(), "a while ago", generation).put());
    site.view = from.view().copy();
    people.giveUp(site);
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
      collector.turn(true);
      site.endedBefore = collector.endedBefore();
    } catch (Crash crash) {
      died(site);
      site.awayUntil = step + 1;
    }
    witness.go(site.disk.given());
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
            node.platter,
            node.machine,
            ground.policy(),
            ground.trust(),
            witness,
            clock,
            random);
    node.agent = agent;
  }

  private void agentTurn(Node node) throws IOException {
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
  private void afterAgent(Node node, SimulatedAgent agent) throws IOException {
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
    Violation.check();
    Violation.unless(line.isEmpty(), "an error", "%s: %s", who, line);
  }

  private void connect(Node node, SimulatedAgent agent) {
    if (!agent.uplink().due()) {
      return;
    }
    List<SimulatedCollector> there = new ArrayList<>();
    for (Site site : sites) {
      if (site.collector != null && !site.unreachable && step >= node.cutOffUntil) {
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
      collector.turn(keeps(site));
    } catch (Crash crash) {
      tell("collector " + site.number + " dies in its turn");
    }
    witness.go(site.disk.given());
    if (collector.dead()) {
      log.heard();
      died(site);
      return;
    }
    alarmed("collector " + site.number);
    links.stream().filter(link -> link.collector == collector).forEach(Link::collect);
    people.look(site);
  }

  // ---- the network

  private void carry() throws IOException {
    List<Link> order = new ArrayList<>(links);
    Collections.shuffle(order, random);
    for (Link link : order) {
      Node node = nodeOf(link.agent);
      if (node != null && step >= node.pausedUntil && link.waitsForAgent() && goes() && !held()) {
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
    return calm || random.nextInt(faults.held()) > 0;
  }

  /** Whether what collectors say stays under way. */
  private boolean held() {
    return !calm && twins.filter(course -> course.holds(step)).isPresent();
  }

  private @Nullable Node nodeOf(SimulatedAgent agent) {
    return nodes.stream().filter(node -> node.agent == agent).findFirst().orElse(null);
  }

  private @Nullable Site siteOf(SimulatedCollector collector) {
    return sites.stream().filter(site -> site.collector == collector).findFirst().orElse(null);
  }

  // ---- people

  private void want() {
    Site site = any(sites);
    if (!calm) {
      people.want(twins.isPresent() ? sites.getFirst() : site);
      if (chance(faults.cancel())) {
        people.cancel(site);
      }
    }
    people.ask(calm);
    if (over) {
      people.cancelHopeless(site, clock.wall());
    }
    if (calm && site.collector != null && !site.collector.recovering().held().isEmpty()) {
      site.collector.release();
    }
  }

  // ---- without faults

  private void calm() {
    tell("calm");
    calm = true;
    oneStore();
    for (Node node : nodes) {
      node.pausedUntil = 0;
      node.cutOffUntil = 0;
      node.awayUntil = Math.min(node.awayUntil, step + SOON);
      node.machine.mend();
      if (node.agent != null) {
        node.agent.disk().calm();
      }
    }
    for (Site site : sites) {
      site.pausedUntil = 0;
      site.keeperPausedUntil = 0;
      site.unreachable = false;
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
    people.giveUp(older);
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
