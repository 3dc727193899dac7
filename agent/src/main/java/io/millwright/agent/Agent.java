package io.millwright.agent;

import io.millwright.agent.accounting.AccountKeeper;
import io.millwright.agent.accounting.Beginning;
import io.millwright.agent.accounting.RunGroups;
import io.millwright.agent.accounting.RunSeries;
import io.millwright.agent.audit.KeptHeads;
import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.config.ConfigResult;
import io.millwright.agent.config.Problem;
import io.millwright.agent.config.ReloadableConfig;
import io.millwright.agent.config.SiteRules;
import io.millwright.agent.dialect.Dialect;
import io.millwright.agent.doctor.DeviceLook;
import io.millwright.agent.downlink.Orders;
import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.events.RunNews;
import io.millwright.agent.evidence.CheckMarks;
import io.millwright.agent.evidence.EvidenceRoom;
import io.millwright.agent.inventory.AcceptedInventory;
import io.millwright.agent.jobs.JournalException;
import io.millwright.agent.jobs.Run;
import io.millwright.agent.jobs.Status;
import io.millwright.agent.lane.CallLedger;
import io.millwright.agent.lane.DeviceErrors;
import io.millwright.agent.lane.HostEngine;
import io.millwright.agent.lane.Neuron;
import io.millwright.agent.lane.Nvidia;
import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.Upkeep;
import io.millwright.agent.monitor.NeuronMonitor;
import io.millwright.agent.page.PageOptions;
import io.millwright.agent.page.PageServer;
import io.millwright.agent.power.PowerRoom;
import io.millwright.agent.renewal.Renewals;
import io.millwright.agent.sampling.AcceleratorPower;
import io.millwright.agent.sampling.Sampler;
import io.millwright.agent.scheduler.Desk;
import io.millwright.agent.scheduler.Door;
import io.millwright.agent.scheduler.SlurmJob;
import io.millwright.agent.self.Build;
import io.millwright.agent.self.SelfMetrics;
import io.millwright.agent.spool.Spool;
import io.millwright.agent.uplink.Uplink;
import io.millwright.agent.watch.Watch;
import io.millwright.drivers.host.ProductName;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.health.SkuTable;
import io.millwright.protocol.supervision.Pulse;
import io.millwright.protocol.supervision.Watched;
import io.millwright.protocol.tls.HostPort;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunId;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole agent, wired by hand.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #reload} as often as wanted, {@link #stop} once.
 * <i>Threading:</i> those from one thread at a time; the rooms own their threads. <i>Failure:</i> a
 * failed start leaves nothing running.
 */
public final class Agent implements Watched {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  /** All probes, as the label {@code probe} has them. */
  private static final Set<String> PROBES =
      Set.of(
          "nvml",
          "neuron",
          "neuron-monitor",
          "host",
          "inventory",
          "fabric",
          "pcie",
          "filesystems",
          "modules",
          "services",
          "nvme",
          "rapl",
          "dcmi",
          "holders",
          "upkeep",
          "kmsg");

  private static final Duration STOP = Duration.ofSeconds(5);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);

  private final ReloadableConfig config;
  private final Clock clock;
  private final Periods periods;
  private final SelfMetrics self;
  private final Chronicle chronicle;
  private final Watch watch;
  private final SiteRules siteRules;
  private final Optional<Nvidia> nvidia;
  private final Optional<Neuron> neuron;
  private final Optional<NeuronMonitor> monitor;
  private final Optional<Orders> orders;
  private final Optional<AccountKeeper> accounts;
  private final RunSeries runSeries;
  private final Optional<Door> door;
  private final Optional<PowerRoom> power;
  private final Optional<EvidenceRoom> evidence;
  private final AcceptedInventory inventory;
  private final KeptHeads audit;
  private final Optional<Spool> spool;
  private final Optional<Uplink> uplink;
  private final Optional<Renewals> renewals;
  private final Host host;
  private final Upkeep upkeep;
  private final Sampler sampler;
  private final PageServer page;
  private final Pulse pulse;
  private volatile long startedNanos;

  /**
   * Constructs and starts nothing.
   *
   * @param dialects pages of other exporters that are served too
   * @param collector that the node reports to, where the site has one
   */
  Agent(
      ReloadableConfig config,
      Build build,
      List<Dialect> dialects,
      Optional<Uplinks> collector,
      Clock clock) {
    AgentConfig initial = config.config();
    this.config = config;
    this.clock = clock;
    this.periods = initial.sampling();
    this.self = new SelfMetrics(initial.node().name(), build, clock);
    SeenDevices devices = new SeenDevices(this::aged, this::sampleNow, this::health);
    CheckMarks marks =
        new CheckMarks(Path.of(initial.evidence().directory()), BootId.read().toString());
    JobChecker checker =
        new JobChecker(
            new DeviceLook(this::aged, this::readAnew, clock), marks, this::evidenceRoom, clock);
    this.orders =
        collector.flatMap(
            wanted -> JobOrders.of(initial, devices, checker, () -> seen(devices.count()), clock));
    this.power =
        initial.power().owned() ? Optional.of(power(initial.power(), clock)) : Optional.empty();
    this.evidence =
        collector.map(wanted ->
            NodeEvidence.room(initial, insight(), new JobsTestGate(this::jobOrders), marks, clock));
    this.chronicle = chronicle(initial, collector.isPresent(), clock);
    orders.ifPresent(jobs -> jobs.watch(this::ran));
    this.accounts =
        orders.isPresent() || initial.assists()
            ? Optional.of(accounts(initial, clock))
            : Optional.empty();
    this.runSeries = new RunSeries(initial.node().name());
    this.door =
        accounts
            .filter(kept -> initial.assists())
            .map(kept ->
                new Door(
                    Path.of(initial.health().directory()).resolve("scheduler"),
                    new Desk(kept, this::aged, this::health),
                    clock));
    this.inventory = new AcceptedInventory(Path.of(initial.health().directory()), this::snapshot);
    this.audit =
        new KeptHeads(
            initial.node().name(),
            Path.of(initial.health().directory()),
            self::auditConflict,
            clock);
    this.spool = collector.map(wanted -> spool(initial, clock));
    this.uplink =
        collector.map(wanted ->
            wanted.uplink(orders, power, evidence, inventory, audit, chronicle, spool, clock));
    this.renewals = collector.map(wanted -> wanted.renewals(new RenewalAccount(self), clock));
    this.watch = watch(initial, clock);
    this.siteRules = siteRules(initial);
    HostEngine hostEngine = new HostEngine(Path.of("/proc"), () -> gpm(config.config()), clock);
    this.nvidia =
        initial.nvidia().enabled()
            ? Optional.of(nvidia(initial, config, inventory, hostEngine, watch, clock))
            : Optional.empty();
    this.neuron =
        initial.neuron().enabled()
            ? Optional.of(neuron(initial, config, inventory, clock))
            : Optional.empty();
    Runnable others =
        () -> nvidia.filter(vendor -> vendor.counted() > 0).ifPresent(vendor -> hostEngine.run());
    this.nvidia
        .filter(vendor -> initial.metrics().wants(Metric.AGENT_NATIVE_CALL_DURATION_SECONDS))
        .ifPresent(vendor ->
            self.nativeCalls(CallLedger.bounds(), () -> CallAccounts.of("nvidia", vendor.calls())));
    this.monitor = NeuronPage.monitor(initial, clock);
    this.host =
        new Host(
            initial,
            this::snapshot,
            orders.flatMap(
                jobs -> JobOrders.foreign(initial, jobs, this::snapshot, chronicle::held, clock)),
            clock);
    this.upkeep =
        new Upkeep(
            clock,
            List.of(self::refresh, others, host::followRemoteMounts, inventory::turn, audit::turn));
    this.sampler =
        new Sampler(
            clock,
            initial.sampling(),
            this::probes,
            watch,
            new AcceleratorPower(initial.node().name())
                    .andThen(this::withEvidence)
                    .andThen(this::withSpool)
                    .andThen(watch)
                ::apply,
            taken -> this.uplink.ifPresent(up -> up.offer(taken)));
    this.page =
        new PageServer(
            pageOptions(initial, NeuronPage.beside(dialects, initial, monitor)),
            this::withRuns,
            this::missing,
            this::health,
            self,
            clock);
    this.pulse = new Pulse(page::onEdge);
  }

  private AccountKeeper accounts(AgentConfig initial, Clock clock) {
    RunGroups groups = new RunGroups(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
    return new AccountKeeper(
        Path.of(initial.health().directory()).resolve("accounts"),
        BootId.read().toString(),
        new AccountKeeper.Sight(
            this::aged, this::readAnew, run -> group(run, groups), this::isOver),
        chronicle::accounted,
        clock);
  }

  private Optional<Path> group(RunId id, RunGroups groups) {
    return ofSlurm(id)
        .map(groups::ofSlurm)
        .orElseGet(() ->
            orders
                .flatMap(jobs -> jobs.run(id))
                .flatMap(Run::process)
                .flatMap(process -> groups.ofUnit(process.pid())));
  }

  /** Of another scheduler's run its scheduler is asked. */
  private boolean isOver(RunId id) {
    return ofSlurm(id).isEmpty()
        && orders
            .filter(Orders::ready)
            .map(jobs -> jobs.run(id).filter(Run::open).isEmpty())
            .orElse(false);
  }

  /** A run that began before the mode changed is known to the orders. */
  private Optional<String> ofSlurm(RunId id) {
    return config.config().assists() && orders.flatMap(jobs -> jobs.run(id)).isEmpty()
        ? SlurmJob.number(id)
        : Optional.empty();
  }

  private Map<String, RunId> holders() {
    Map<String, RunId> holders =
        new HashMap<>(accounts.map(AccountKeeper::holders).orElse(Map.of()));
    orders.ifPresent(jobs -> holders.putAll(jobs.holders(clock.wall().toEpochMilli())));
    return holders;
  }

  private PowerRoom power(AgentConfig.Power wanted, Clock clock) {
    return new PowerRoom(
        Path.of(wanted.launcher()),
        Path.of(wanted.directory()),
        () -> StandingLimits.of(aged()),
        clock);
  }

  private Optional<EvidenceRoom> evidenceRoom() {
    return evidence;
  }

  private Optional<Orders> jobOrders() {
    return orders;
  }

  /** Somebody waits for readings of these devices. */
  private void readAnew(Set<String> uuids) {
    nvidia.ifPresent(vendor -> vendor.readAnew(uuids));
    neuron.ifPresent(vendor -> vendor.readAnew(uuids));
    sampler.nudge();
  }

  private NodeSnapshot withEvidence(NodeSnapshot taken) {
    return evidence.map(room -> room.series().complete(taken)).orElse(taken);
  }

  /** Names of jobs are for the page of this node alone, and only where the site says so. */
  private NodeSnapshot withRuns() {
    NodeSnapshot taken = aged();
    return accounts
        .filter(kept -> config.config().metrics().jobs())
        .map(kept -> runSeries.after(taken, kept.uses()))
        .orElse(taken);
  }

  private NodeSnapshot withSpool(NodeSnapshot taken) {
    return spool
        .map(kept -> {
          List<Sample> samples = new ArrayList<>(taken.samples());
          samples.add(kept.sample());
          return new NodeSnapshot(taken.sequence(), taken.takenAtNanos(), samples);
        })
        .orElse(taken);
  }

  private static Spool spool(AgentConfig initial, Clock clock) {
    return new Spool(
        new Spool.Settings(
            Path.of(initial.health().directory()).resolve("spool"),
            (long) initial.collector().spoolMebibytes() << 20,
            initial.node().name()),
        clock);
  }

  /** What evidence is made of. */
  NodeEvidence.Insight insight() {
    return new NodeEvidence.Insight(
        this::aged,
        this::health,
        this::holders,
        () -> uplink.map(Uplink::connected),
        () -> counted() > 0 ? "" : accelerators(),
        () -> evidence.map(EvidenceRoom::records).orElse(List.of()));
  }

  private Watch watch(AgentConfig initial, Clock clock) {
    String kernelLog = initial.health().kernelLog();
    return new Watch(
        new Watch.Settings(
            initial.node().name(),
            BootId.read().toString(),
            kernelLog.isEmpty() ? Optional.empty() : Optional.of(Path.of(kernelLog)),
            Path.of(initial.health().directory())),
        new SelfLedger(self),
        this::holders,
        this::awaited,
        report -> uplink.ifPresent(up -> up.judged(report)),
        chronicle,
        clock);
  }

  private static Chronicle chronicle(AgentConfig initial, boolean collector, Clock clock) {
    return new Chronicle(
        new Chronicle.Settings(
            initial.node().name(),
            BootId.read().toString(),
            Path.of(initial.health().directory()).resolve("events"),
            new Limits(
                (long) initial.health().eventsMebibytes() << 20,
                Duration.ofDays(initial.health().eventsDays())),
            collector),
        clock);
  }

  /** Once it is on the disk. */
  private void ran(Status status) {
    if (status.state() == JobState.RUNNING
        || status.state() == JobState.STUCK
        || status.state() == JobState.ENDED) {
      chronicle.ran(
          new RunNews(
              status.run().text(), status.state(), status.outcome(), clock.wall().toEpochMilli()));
      if (status.state() != JobState.STUCK) { // it has begun, and has not ended
        accounts.ifPresent(kept -> account(kept, status));
      }
    }
  }

  private void account(AccountKeeper kept, Status status) {
    var _ =
        status
            .outcome()
            .map(outcome -> kept.end(status.run(), outcome.text()))
            .<Object>map(ended -> ended)
            .or(() ->
                orders
                    .flatMap(jobs -> jobs.run(status.run()))
                    .flatMap(Run::assignment)
                    .map(assignment ->
                        kept.begin(
                            new Beginning(
                                status.run(),
                                Beginning.OWN,
                                assignment.spec().user(),
                                assignment.spec().project(),
                                assignment.devices().uuids()))));
  }

  private static HostEngine.Use gpm(AgentConfig config) {
    return switch (config.nvidia().gpm()) {
      case "always" -> HostEngine.Use.ALWAYS;
      case "never" -> HostEngine.Use.NEVER;
      default -> HostEngine.Use.AUTO; // the configuration has no other word
    };
  }

  private static Nvidia nvidia(
      AgentConfig initial,
      ReloadableConfig config,
      AcceptedInventory inventory,
      HostEngine hostEngine,
      DeviceErrors errors,
      Clock clock) {
    String library = initial.nvidia().library();
    OptionalInt ofProduct = SkuTable.load().accelerators(ProductName.read(Path.of("/")));
    return new Nvidia(
        initial.node().name(),
        () -> NvmlLibrary.open(library),
        clock,
        initial.sampling(),
        initial.metrics().upTo(),
        () ->
            options(
                config.config().nvidia(), ofProduct, inventory.expected(DeviceKind.GPU.vendor())),
        hostEngine::countersFree,
        errors);
  }

  /** What the site says goes before what is known of the product, and that before the accepted. */
  static Nvidia.Options options(
      AgentConfig.Nvidia config, OptionalInt ofProduct, OptionalInt accepted) {
    return new Nvidia.Options(
        config.callDeadline(),
        config.retryAtMost(),
        or(config.expectedAccelerators(), or(ofProduct, accepted)));
  }

  private static OptionalInt or(OptionalInt said, OptionalInt otherwise) {
    return said.isPresent() ? said : otherwise;
  }

  private static Neuron neuron(
      AgentConfig initial, ReloadableConfig config, AcceptedInventory inventory, Clock clock) {
    return new Neuron(
        initial.node().name(),
        Path.of(initial.neuron().root()),
        clock,
        initial.sampling(),
        initial.metrics().upTo(),
        () -> options(config.config().neuron(), inventory.expected(DeviceKind.NEURON.vendor())));
  }

  static Neuron.Options options(AgentConfig.Neuron config, OptionalInt accepted) {
    return new Neuron.Options(config.callDeadline(), or(config.expectedAccelerators(), accepted));
  }

  private static PageOptions pageOptions(AgentConfig config, List<Dialect> dialects) {
    HostPort listen = config.listen();
    return new PageOptions(
        new InetSocketAddress(listen.host(), listen.port()),
        config.page().maxConnections(),
        config.page().requestTimeout(),
        config.page().idleTimeout(),
        dialects);
  }

  /**
   * Takes the port, then begins to read.
   *
   * @param inherited a socket that listens already, in the place of {@code listen}
   * @throws io.millwright.agent.page.PageException where the port cannot be had
   */
  public void start(Optional<ServerSocketChannel> inherited) {
    self.configurationLoaded(config.sha256());
    inherited.ifPresentOrElse(page::start, page::start);
    startReading();
    accounts.ifPresent(AccountKeeper::start);
    orders.ifPresent(this::start);
    door.ifPresent(Door::start);
    power.ifPresent(PowerRoom::start);
    evidence.ifPresent(EvidenceRoom::start);
    spool.ifPresent(Spool::start);
    uplink.ifPresent(started -> {
      audit.start();
      started.start();
    });
    renewals.ifPresent(Renewals::start);
  }

  /** Reads and judges, for whoever asks in this process alone: no port, no job, no collector. */
  void startReading() {
    startedNanos = clock.nanos();
    self.rulesLoaded(siteRules.packaged(), 0, 0, 0); // in force where the site's are refused
    followRules();
    watch.start();
    chronicle.start(watch::save);
    inventory.start();
    nvidia.ifPresent(Nvidia::start);
    neuron.ifPresent(Neuron::start);
    monitor.ifPresent(NeuronMonitor::start);
    host.start();
    upkeep.start();
    sampler.start();
  }

  /** A node whose jobs cannot be carried out is watched all the same. */
  private void start(Orders jobs) {
    try {
      jobs.start();
    } catch (JournalException e) {
      LOG.error("no job runs here: {}", e.getMessage(), e);
    }
  }

  /**
   * Reads the configuration and the site's rules again; a bad one leaves the old one in force and
   * says so.
   */
  public ConfigResult reload() {
    ConfigResult result = config.reload();
    switch (result) {
      case ConfigResult.Loaded(AgentConfig ignored, String sha256) -> {
        self.configurationLoaded(sha256);
        LOG.info("configuration reloaded sha256={}", sha256);
        List<Problem> problems = followRules();
        if (!problems.isEmpty()) {
          return new ConfigResult.Rejected(problems);
        }
      }
      case ConfigResult.Rejected(var problems) -> {
        self.configurationRefused();
        problems.forEach(problem -> LOG.error("configuration refused: {}", problem.sentence()));
      }
    }
    return result;
  }

  /** What a site may change of the rules. */
  static SiteRules siteRules(AgentConfig config) {
    return new SiteRules(
        Path.of(config.health().rules()),
        RuleCatalogue.load(),
        new SiteRules.Words(Watch.patterns(), PROBES));
  }

  /** Reads the site's rules; a mistake leaves those of before in force, and is told. */
  private List<Problem> followRules() {
    return switch (siteRules.read()) {
      case SiteRules.Result.Loaded(RuleCatalogue rules, int tuned, int added, int disabled) -> {
        int packaged = rules.all().size() - tuned - added;
        watch.follow(rules);
        self.rulesLoaded(packaged, tuned, added, disabled);
        LOG.info(
            "rules of health packaged={} tuned={} added={} disabled={}",
            packaged,
            tuned,
            added,
            disabled);
        yield List.of();
      }
      case SiteRules.Result.Refused(List<Problem> problems) -> {
        self.rulesRefused();
        problems.forEach(
            problem -> LOG.error("rules refused, those of before stay: {}", problem.sentence()));
        yield problems;
      }
    };
  }

  /** Where the page is, as a person on this machine asks for it. */
  public URI url() {
    return page.url();
  }

  private void sampleNow() {
    sampler.nudge();
  }

  private NodeSnapshot aged() {
    return sampler.snapshot().aged(clock.nanos(), periods);
  }

  /** All devices were seen; or there is none, or the driver has not answered for long. */
  private boolean seen(int devices) {
    return (looked() && devices >= counted())
        || clock.nanos() - startedNanos > LONGEST_LOOK.toNanos();
  }

  /** Each device that is counted has answered, or is known not to. */
  boolean allSeen() {
    return seen(new SeenDevices(this::aged, () -> {}, this::health).count());
  }

  /** Devices that the drivers of all vendors count. */
  private int counted() {
    return nvidia.map(Nvidia::counted).orElse(0) + neuron.map(Neuron::counted).orElse(0);
  }

  /** What the drivers have not answered yet, in words; empty where they have. */
  private String awaited() {
    return Stream.concat(
            nvidia.flatMap(Nvidia::awaited).stream(), neuron.flatMap(Neuron::awaited).stream())
        .collect(Collectors.joining("; "));
  }

  /** How node and devices are, as of the last tick. */
  public HealthReport health() {
    return watch.report();
  }

  /** The newest snapshot. */
  public NodeSnapshot snapshot() {
    return sampler.snapshot();
  }

  /** How many accelerators there are, or in one sentence why none is known. */
  public String accelerators() {
    int counted = counted();
    if (counted > 0) {
      return counted == 1 ? "1 accelerator" : counted + " accelerators";
    }
    if (nvidia.isEmpty() && neuron.isEmpty()) {
      return "accelerators are switched off by nvidia.enabled and neuron.enabled: host only";
    }
    return "no accelerator found: host only"
        + reason(nvidia.map(Nvidia::refusal).orElse("nvidia.enabled is false"));
  }

  private static String reason(String refusal) {
    return refusal.isEmpty() ? "" : " (" + refusal + ")";
  }

  /** Whether it is known by now what {@link #accelerators} tells. */
  public boolean looked() {
    boolean lookedForNvidia =
        nvidia.isEmpty() || nvidia.get().counted() > 0 || !nvidia.get().refusal().isEmpty();
    return lookedForNvidia && (neuron.isEmpty() || neuron.get().looked());
  }

  /**
   * Orderly stop: reading ends first, calls in flight are waited for, the page goes last.
   *
   * @return calls that did not return in time and are still in flight
   */
  public List<String> stop() throws InterruptedException {
    sampler.stop(STOP);
    upkeep.stop();
    List<String> stuck = new ArrayList<>();
    if (!upkeep.ended(STOP)) {
      stuck.add("upkeep");
    }
    watch.stop();
    monitor.ifPresent(NeuronMonitor::stop);
    stuck.addAll(host.stop(STOP));
    if (nvidia.isPresent()) {
      stuck.addAll(nvidia.get().stop(STOP));
    }
    if (neuron.isPresent()) {
      stuck.addAll(neuron.get().stop(STOP));
    }
    if (monitor.isPresent() && !monitor.get().ended(STOP)) {
      stuck.add(monitor.get().name());
    }
    door.ifPresent(Door::close);
    orders.ifPresent(Orders::close);
    accounts.ifPresent(AccountKeeper::close);
    power.ifPresent(PowerRoom::close);
    evidence.ifPresent(EvidenceRoom::close);
    renewals.ifPresent(renewing -> renewing.stop(STOP));
    uplink.ifPresent(up -> up.stop(STOP));
    spool.ifPresent(Spool::close);
    chronicle.close();
    page.close();
    LOG.info("agent stopped stuck_calls={}", stuck);
    return stuck;
  }

  private List<Probe> probes() {
    List<Probe> probes = new ArrayList<>(host.probes());
    probes.add(upkeep);
    monitor.ifPresent(probes::add);
    nvidia.ifPresent(vendor -> {
      probes.addAll(vendor.probes());
      probes.add(vendor.driverProbe());
    });
    neuron.ifPresent(vendor -> {
      probes.addAll(vendor.probes());
      probes.add(vendor.driverProbe());
    });
    return probes;
  }

  @Override
  public Optional<String> missing() {
    return missing(sampler.snapshot(), clock.nanos(), periods);
  }

  /** A device that hangs is none: the sampler ticks without it. */
  @Override
  public Optional<String> standingStill() {
    return pulse.felt()
        ? missing()
        : Optional.of("the loop that serves the page takes no task: the thread edge stands still");
  }

  @Override
  public String status() {
    return accelerators() + ", page " + url();
  }

  /** What keeps the agent from being ready, in one sentence. */
  static Optional<String> missing(NodeSnapshot newest, long nowNanos, Periods periods) {
    if (newest.sequence() == 0) {
      return Optional.of("no snapshot was taken yet");
    }
    long age = nowNanos - newest.takenAtNanos();
    return age > periods.longestAgeNanos(Cadence.FAST)
        ? Optional.of(
            "the newest snapshot is %d s old: the sampler stands still"
                .formatted(Duration.ofNanos(age).toSeconds()))
        : Optional.empty();
  }
}
