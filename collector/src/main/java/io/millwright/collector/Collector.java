package io.millwright.collector;

import io.millwright.collector.acceptance.AcceptanceDesk;
import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.audit.WitnessDesk;
import io.millwright.collector.control.Control;
import io.millwright.collector.control.EvidenceDesk;
import io.millwright.collector.control.JobAudit;
import io.millwright.collector.control.JobDesk;
import io.millwright.collector.control.PowerLog;
import io.millwright.collector.control.VersionWatch;
import io.millwright.collector.downlink.StartOrders;
import io.millwright.collector.drift.DesiredFile;
import io.millwright.collector.drift.DriftDesk;
import io.millwright.collector.events.EventKeeper;
import io.millwright.collector.export.ExportOptions;
import io.millwright.collector.export.Exporter;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.grants.GrantsFile;
import io.millwright.collector.hot.HotFleet;
import io.millwright.collector.identity.IdentityDesk;
import io.millwright.collector.ingest.IngestOptions;
import io.millwright.collector.ingest.IngestServer;
import io.millwright.collector.ingest.Ingested;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.join.JoinServer;
import io.millwright.collector.late.GapFiller;
import io.millwright.collector.late.LateSink;
import io.millwright.collector.operations.OperationsDesk;
import io.millwright.collector.operations.PolicyFile;
import io.millwright.collector.page.AcceptanceSample;
import io.millwright.collector.page.DriftSample;
import io.millwright.collector.page.HotSample;
import io.millwright.collector.page.IdentitySample;
import io.millwright.collector.page.JobSample;
import io.millwright.collector.page.MetricPages;
import io.millwright.collector.page.OperationsSample;
import io.millwright.collector.page.SelfSample;
import io.millwright.collector.page.WitnessSample;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.racks.Place;
import io.millwright.collector.recovery.RecoveryDesk;
import io.millwright.collector.rest.AcceptanceRoutes;
import io.millwright.collector.rest.AuditRoutes;
import io.millwright.collector.rest.DriftRoutes;
import io.millwright.collector.rest.DutyViews;
import io.millwright.collector.rest.EventRoutes;
import io.millwright.collector.rest.EvidenceRoutes;
import io.millwright.collector.rest.FleetRoutes;
import io.millwright.collector.rest.HotRoutes;
import io.millwright.collector.rest.IncidentRoutes;
import io.millwright.collector.rest.JobRoutes;
import io.millwright.collector.rest.OperationsRoutes;
import io.millwright.collector.rest.PageRoutes;
import io.millwright.collector.rest.PowerRoutes;
import io.millwright.collector.rest.RecoveryRoutes;
import io.millwright.collector.rest.RequestRate;
import io.millwright.collector.rest.RestServer;
import io.millwright.collector.rest.ReturnRoutes;
import io.millwright.collector.rest.Route;
import io.millwright.collector.rest.Runbooks;
import io.millwright.collector.rest.Tokens;
import io.millwright.collector.rest.UsageRoutes;
import io.millwright.collector.rest.VersionViews;
import io.millwright.collector.returns.ReturnsDesk;
import io.millwright.collector.scheduler.SchedulerDesk;
import io.millwright.collector.scheduler.SchedulerOptions;
import io.millwright.collector.self.Backlog;
import io.millwright.collector.self.Budget;
import io.millwright.collector.self.Build;
import io.millwright.collector.self.Descriptors;
import io.millwright.collector.self.Durations;
import io.millwright.collector.self.Storage;
import io.millwright.collector.silences.SilenceMirror;
import io.millwright.collector.silences.WindowSilences;
import io.millwright.collector.store.EventTable;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.store.UsageTable;
import io.millwright.collector.trust.Authority;
import io.millwright.collector.trust.Enrolment;
import io.millwright.collector.trust.EnrolmentDesk;
import io.millwright.collector.trust.RevocationFiles;
import io.millwright.collector.usage.UsageDesk;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.supervision.Pulse;
import io.millwright.protocol.supervision.Watched;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.TlsException;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole collector, wired by hand.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #close} once. <i>Threading:</i> those from one
 * thread; the rooms own their threads. <i>Failure:</i> a failed start leaves nothing running.
 */
public final class Collector implements AutoCloseable, Watched {
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(Collector.class);
  private static final double MILLIS = 1e3;
  private static final double NANOS = 1e9;
  private static final int MOST_RENEWALS = 256;
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** A turn of the single writer waits for the disk at times; so long it never does. */
  private static final Duration LONGEST_TURN = Duration.ofSeconds(30);

  private final Durations commits =
      new Durations(
          Metric.COLLECTOR_STORE_COMMIT_SECONDS,
          0.0005,
          0.001,
          0.0025,
          0.005,
          0.01,
          0.025,
          0.05,
          0.1,
          0.25,
          0.5,
          1,
          2.5);
  private final SqliteStore store;
  private final Paging paging;
  private final AuditLog audit;
  private final JobAudit jobAudit;
  private final GrantsFile grants;
  private final WitnessDesk witnesses;
  private final OperationsDesk operations;
  private final ReturnsDesk returns;
  private final AcceptanceDesk acceptance;
  private final DriftDesk drift;
  private final HotFleet hot;
  private final VersionWatch versions;
  private final GapFiller gaps;
  private final RecoveryDesk recovery;
  private final IdentityDesk identities;
  private final X509Certificate own;
  private final X509Certificate authority;
  private final String plain;
  private final Control control;
  private final EvidenceDesk evidence;
  private final UsageDesk usage;
  private final EventKeeper events;
  private final IngestServer ingest;
  private final RequestRate rate;
  private final Budget budget;
  private final Storage storage;
  private final Build build = Build.read();
  private final Optional<String> tooFewFiles;
  private final RestServer rest;
  private final Optional<JoinServer> join;
  private final Optional<SilenceMirror> silences;
  private final Optional<SchedulerDesk> scheduler;
  private final List<Exporter> exporters;
  private final Clock clock;
  private final Pulse restPulse;
  private final Pulse ingestPulse;

  /**
   * Constructs and starts nothing.
   *
   * @throws IOException where the tokens cannot be read, or the data's directory cannot be made
   * @throws io.millwright.collector.store.StoreException where the store cannot be opened
   * @throws io.millwright.protocol.tls.TlsException where the credentials cannot be used
   * @throws IllegalArgumentException where the policy has a mistake, or where they are not a
   *     collector's, or of another authority than the one that is to let nodes join
   */
  public Collector(CollectorOptions options, Clock clock) throws IOException {
    this(options, LateSink.NONE, RecoveryDesk.USUAL, clock);
  }

  /**
   * The same.
   *
   * @param late where samples go, too, that come from agents' spools
   */
  public Collector(CollectorOptions options, LateSink late, Clock clock) throws IOException {
    this(options, late, RecoveryDesk.USUAL, clock);
  }

  /**
   * The same.
   *
   * @param recovers how long it places and stops nothing at the least after a restore
   */
  public Collector(CollectorOptions options, Duration recovers, Clock clock) throws IOException {
    this(options, LateSink.NONE, recovers, clock);
  }

  private Collector(CollectorOptions options, LateSink late, Duration recovers, Clock clock)
      throws IOException {
    Optional<Authority> issuer =
        options.joining().map(joining -> Authority.open(joining.authority(), clock));
    Credentials own = own(options, issuer);
    if (!(own.identity() instanceof PeerIdentity.Collector identity)) {
      throw new IllegalArgumentException(
          "the certificate in %s is of %s and not a collector's; make one with 'millwright collector ca init'"
              .formatted(options.credentials(), own.identity().words()));
    }
    Tokens tokens =
        options.tokens().isPresent() ? Tokens.read(options.tokens().get()) : Tokens.none();
    issuer.ifPresent(issuing -> requireIssuer(issuing, options, own));
    Optional<Enrolment> enrolment =
        options
            .joining()
            .flatMap(joining ->
                issuer.map(issuing -> Enrolment.of(joining.authority(), issuing, clock)));
    this.join =
        options
            .joining()
            .flatMap(CollectorOptions.Joining::listen)
            .map(listen ->
                new JoinServer(listen, new MutualTls(own, clock), enrolment.orElseThrow(), clock));
    this.grants = grants(options, clock);
    this.own = own.certificate();
    this.authority = own.authority();
    this.store = store(options.data(), commits, clock);
    try {
      this.paging = new Paging(options.paging(), store, this::quiet, clock);
      JobBook book = JobBook.open(store, clock);
      PolicyEvidence wanted = new PolicyEvidence(clock);
      this.audit = AuditLog.open(store, clock);
      this.witnesses = WitnessDesk.open(store, audit);
      this.identities =
          IdentityDesk.open(
              store,
              audit,
              new RevocationFiles(revoked(options)),
              enrolment.map(issuing -> new EnrolmentDesk("renewals", issuing, MOST_RENEWALS)),
              options.joining().map(CollectorOptions.Joining::grace).orElse(Duration.ZERO),
              clock);
      this.operations =
          OperationsDesk.open(store, audit, book, policy(options), this::place, wanted, clock);
      this.returns =
          ReturnsDesk.open(
              store,
              audit,
              paging.incidents()::parts,
              paging.incidents()::repeats,
              operations::tell,
              clock);
      AcceptanceTests tests = new AcceptanceTests();
      this.acceptance =
          AcceptanceDesk.open(
              store,
              audit,
              tests,
              new AcceptanceSite(operations, book, node -> paging.racks().has(node)),
              clock);
      this.drift =
          new DriftDesk(desired(options), acceptance::told, node -> place(node).domain(), clock);
      this.recovery = RecoveryDesk.open(store, audit, book, recovers, clock);
      this.hot = new HotFleet(options.bounds().historyMebibytes() * CollectorOptions.MEBIBYTE);
      this.versions = new VersionWatch(this::eventsOf, clock);
      this.gaps = new GapFiller(hot, clock);
      this.jobAudit = new JobAudit(audit, clock);
      this.control =
          new Control(
              new JobDesk(
                  book,
                  operations,
                  acceptance,
                  recovery,
                  orders(options, store.identity().id(), clock),
                  jobAudit,
                  options.bounds().spareTrays(),
                  clock),
              hot,
              paging::racks,
              this::look,
              clock);
      this.evidence = new EvidenceDesk(control, audit, store, clock);
      wanted.from(evidence);
      tests.from(evidence);
      this.silences = options.alertmanager().map(uri -> silences(uri, clock));
      this.scheduler = options.paging().scheduler().map(told -> scheduler(told, clock));
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
    try {
      this.usage = usage(options, clock);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
    try {
      this.events = events(options.data(), clock);
    } catch (RuntimeException e) {
      usage.close();
      store.close();
      throw e;
    }
    try {
      this.exporters = exporters(options, clock);
    } catch (IOException | RuntimeException e) {
      events.close();
      usage.close();
      store.close();
      throw e;
    }
    Ingested ingested =
        new Ingested(control::tell, control::tell, control::told, events, late(late), witnesses);
    IngestOptions listening =
        new IngestOptions(
            options.uplink(),
            identity.id(),
            identity.site(),
            store.term(),
            INTERVAL,
            options.elsewhere());
    this.ingest =
        options.uplinkTls()
            ? new IngestServer(
                listening,
                new MutualTls(own, identities.grace(), clock),
                identities,
                ingested,
                clock)
            : IngestServer.plain(listening, ingested, clock);
    this.storage = new Storage(options.data(), clock);
    this.budget = new Budget(Budget.Readings.own(), this::queues, clock);
    this.plain =
        options.uplinkTls() ? "" : "agents are believed without certificates (--plain-uplink)";
    this.tooFewFiles = Descriptors.own().tooFew(expected(options, paging.racks().nodes().size()));
    this.rate = new RequestRate(options.bounds().requestsPerSecond(), clock);
    this.rest =
        new RestServer(
            options.http(), routes(ingested, clock), tokens, options.hosts(), Optional.of(rate));
    this.restPulse = new Pulse(rest::onLoop);
    this.ingestPulse = new Pulse(ingest::onLoop);
    this.clock = clock;
  }

  private static StartOrders orders(CollectorOptions options, String store, Clock clock) {
    Optional<OrderSigner> signer = OrderSigner.in(options.credentials());
    signer.ifPresentOrElse(
        one -> LOG.info("starts are signed key={}", one.key().id()),
        () ->
            LOG.info(
                "starts are not signed: there is no {} in {}; 'millwright collector ca orders-key' makes one",
                OrderSigner.FILE,
                options.credentials()));
    return new StartOrders(signer, store, clock);
  }

  private static GrantsFile grants(CollectorOptions options, Clock clock) {
    return options
        .grants()
        .map(file -> GrantsFile.open(file, clock))
        .orElseGet(() -> GrantsFile.none(clock));
  }

  /** How many nodes the site says that it will have; a thousand at least where it says nothing. */
  private static int expected(CollectorOptions options, int mapped) {
    return options.bounds().nodes().orElse(Math.max(mapped, CollectorOptions.USUAL_NODES));
  }

  /**
   * Renewed where that is due, and they lie where their authority made them; those of before where
   * the next cannot be written.
   */
  private static Credentials own(CollectorOptions options, Optional<Authority> authority) {
    if (authority.isPresent() && ofAuthority(options.joining(), options.credentials())) {
      try {
        return authority.get().collector(options.joining().orElseThrow().authority());
      } catch (TlsException failure) {
        LOG.error("the collector's certificate is not renewed; that of before is used", failure);
      }
    }
    return Credentials.read(options.credentials());
  }

  /** Whether the collector's credentials lie where their authority made them. */
  static boolean ofAuthority(Optional<CollectorOptions.Joining> joining, Path credentials) {
    return joining
        .map(made -> made.authority().resolve(Authority.COLLECTOR_DIRECTORY))
        .filter(made ->
            made.toAbsolutePath().normalize().equals(credentials.toAbsolutePath().normalize()))
        .isPresent();
  }

  /** The directory of what was revoked: the authority's, where that is here. */
  private static Path revoked(CollectorOptions options) {
    return options
        .joining()
        .map(joining -> joining.authority().resolve(Authority.COLLECTOR_DIRECTORY))
        .orElse(options.credentials());
  }

  private static void requireIssuer(
      Authority authority, CollectorOptions options, Credentials own) {
    if (!authority.certificate().equals(own.authority())) {
      throw new IllegalArgumentException(
          "the authority in %s did not issue the collector's certificate in %s, so who joins would be refused: name the authority that did"
              .formatted(options.joining().orElseThrow().authority(), options.credentials()));
    }
  }

  private static PolicyFile policy(CollectorOptions options) {
    return options.policy().map(file -> PolicyFile.open(file, rules())).orElseGet(PolicyFile::none);
  }

  private static Optional<DesiredFile> desired(CollectorOptions options) throws IOException {
    Optional<CollectorOptions.Desired> wanted = options.desired();
    return wanted.isPresent()
        ? Optional.of(DesiredFile.open(wanted.get().set(), wanted.get().key()))
        : Optional.empty();
  }

  /** At the end of each turn of the single writer. */
  private void look(FleetState fleet) {
    paging.incidents().look(fleet);
    returns.look();
    versions.look(fleet);
    gaps.fill();
    budget.look();
    storage.look();
    identities.look();
    witnesses.look();
    grants.look();
  }

  private long eventsOf(String node) {
    return events.received(node);
  }

  private Place place(String node) {
    return paging.racks().place(node);
  }

  /** While a window is open, or the rule is treated as ok; looked at anew at each turn. */
  private OptionalLong quiet(String node, String rule) {
    long now = clock.wall().toEpochMilli();
    return operations.suppressed(node, now) || operations.overridden(node, rule, now)
        ? OptionalLong.of(Long.MAX_VALUE)
        : OptionalLong.empty();
  }

  private SilenceMirror silences(URI alertmanager, Clock clock) {
    return new SilenceMirror(
        alertmanager,
        store.identity().id(),
        () ->
            WindowSilences.of(
                store.identity().id(),
                operations.board().operations(),
                control.fleet().nodes().keySet(),
                this::place,
                clock.wall().toEpochMilli()),
        clock);
  }

  private SchedulerDesk scheduler(SchedulerOptions told, Clock clock) {
    return new SchedulerDesk(told, store, paging.incidents()::incidents, this::writtenDown, clock);
  }

  /** On the thread of the single writer, who alone writes the audit log. */
  private Future<?> writtenDown(List<Op> changes, AuditDraft draft) {
    return control.ask((jobs, fleet) -> {
      audit.commit(changes, List.of(draft));
      return audit.head();
    });
  }

  /** Those of the agents, and the collector's own. */
  static List<String> rules() {
    List<String> ids = new ArrayList<>(RuleCatalogue.load().all().stream().map(Rule::id).toList());
    ids.add("agent-silent");
    return ids;
  }

  private static SqliteStore store(Path directory, Durations commits, Clock clock)
      throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return SqliteStore.open(
        directory.resolve("collector.db"), clock, nanos -> commits.took(nanos / NANOS));
  }

  private EventKeeper events(Path directory, Clock clock) {
    return new EventKeeper(
        EventTable.open(directory.resolve("events.db"), EventTable.Limits.USUAL),
        () -> control.fleet().events(),
        returns::ticketOfDevice,
        accounted ->
            usage.keep(
                accounted.stream()
                    .map(told ->
                        new UsageDesk.Told(told.node(), told.event().account().orElseThrow()))
                    .toList()),
        clock);
  }

  private static UsageDesk usage(CollectorOptions options, Clock clock) {
    return new UsageDesk(
        UsageTable.open(
            options.data().resolve("usage.db"), Duration.ofDays(options.bounds().usageDays())),
        clock);
  }

  /** Opens them all, or none. */
  private List<Exporter> exporters(CollectorOptions options, Clock clock) throws IOException {
    List<Exporter> opened = new ArrayList<>();
    try {
      for (ExportOptions receiver : options.receivers()) {
        opened.add(new Exporter(receiver, options.data(), () -> control.fleet(), clock));
      }
    } catch (IOException | RuntimeException e) {
      opened.forEach(Exporter::close);
      throw e;
    }
    return opened;
  }

  /** Where late samples go, this last. */
  private LateSink late(LateSink last) {
    LateSink all = gaps;
    for (Exporter one : exporters) {
      all = all.and(one.late());
    }
    return all.and(last);
  }

  private List<Route> routes(Ingested ingested, Clock clock) {
    MetricPages pages =
        new MetricPages(
            control::fleet,
            device -> control.jobs().holder(device).isPresent(),
            () -> samples(ingested),
            ingested::samples,
            List.of(ingested.lag(), commits, control.waits()),
            clock);
    DutyViews duties = new DutyViews(operations::board, acceptance);
    List<Route> routes =
        new ArrayList<>(
            new FleetRoutes(
                    control::fleet,
                    (node, uuid) ->
                        control.jobs().holder(new DeviceKey(node, uuid)).map(RunId::text),
                    duties,
                    this::place,
                    returns::ticketOfDevice,
                    new VersionViews(
                        control::fleet, versions, () -> paging.incidents().incidents(), clock),
                    clock)
                .routes());
    routes.addAll(new HotRoutes(hot, clock).routes());
    routes.addAll(Runbooks.routes());
    routes.addAll(new ReturnRoutes(control, returns).routes());
    routes.addAll(new EventRoutes(events, clock).routes());
    routes.addAll(new JobRoutes(control, grants::grants).routes());
    routes.addAll(new OperationsRoutes(control, operations, duties, clock).routes());
    routes.addAll(new UsageRoutes(usage).routes());
    routes.addAll(new AuditRoutes(control, audit, witnesses).routes());
    routes.addAll(new PowerRoutes(control, new PowerLog(store, clock)).routes());
    routes.addAll(
        new IncidentRoutes(
                paging.incidents(),
                control::fleet,
                paging::racks,
                paging::trouble,
                paging.calls(),
                control,
                audit,
                returns::ticket)
            .routes());
    routes.addAll(new EvidenceRoutes(control, evidence).routes());
    routes.addAll(new AcceptanceRoutes(control, acceptance).routes());
    routes.addAll(new DriftRoutes(drift).routes());
    routes.addAll(new RecoveryRoutes(control, recovery).routes());
    routes.addAll(
        new PageRoutes(control::fleet, pages, this::httpAddress, this::notReady, this::limited)
            .routes());
    return routes;
  }

  /**
   * Takes the ports.
   *
   * @throws io.millwright.collector.rest.RestException where one cannot be had
   * @throws io.millwright.collector.ingest.IngestException where the agents' cannot
   * @throws io.millwright.collector.join.JoinException where that for joining cannot
   */
  public void start() {
    try {
      rest.start();
      ingest.bind();
      join.ifPresent(JoinServer::start);
    } catch (RuntimeException e) {
      ingest.close();
      rest.close();
      exporters.forEach(Exporter::close);
      events.close();
      store.close();
      throw e;
    }
    tooFewFiles.ifPresent(sentence -> LOG.warn("{}", sentence));
    control.start();
    paging.start();
    drift.start();
    silences.ifPresent(SilenceMirror::start);
    scheduler.ifPresent(SchedulerDesk::start);
    exporters.forEach(Exporter::start);
    usage.start();
    events.start();
    ingest.welcome(); // last: a fleet that comes back would have the processor before all of these
  }

  /** What it does not do for now, or not well, although it is ready; a clause each. */
  private Optional<String> limited() {
    List<String> clauses = new ArrayList<>();
    control.jobs().recovery().sentence().ifPresent(clauses::add);
    events.trouble().ifPresent(clauses::add);
    exporters.forEach(one -> one.trouble().ifPresent(clauses::add));
    paging.trouble().ifPresent(clauses::add);
    grants.trouble().ifPresent(clauses::add);
    witnesses.trouble().ifPresent(clauses::add);
    tooFewFiles.ifPresent(clauses::add);
    budget.trouble().ifPresent(clauses::add);
    if (!identities.readable()) {
      clauses.add("a revocation cannot be read: the log says which, and why");
    }
    if (!plain.isEmpty()) {
      clauses.add(plain);
    }
    return clauses.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", clauses));
  }

  /** What keeps the collector from its work, in one sentence. */
  private Optional<String> notReady() {
    return missing().or(() -> control.jobs().trouble());
  }

  @Override
  public Optional<String> missing() {
    if (control.running()) {
      return Optional.empty();
    }
    return Optional.of(
        control.begun()
            ? "it is stopping"
            : "it is starting: the ports are open, and the stored jobs are not yet taken up");
  }

  @Override
  public Optional<String> standingStill() {
    boolean restTurns = restPulse.felt();
    boolean ingestTurns = ingestPulse.felt();
    if (control.stillFor().compareTo(LONGEST_TURN) > 0) {
      return Optional.of(
          "the single writer has not ended its turn for %d s: the thread control stands still"
              .formatted(control.stillFor().toSeconds()));
    }
    return restTurns && ingestTurns
        ? Optional.empty()
        : Optional.of(
            "a loop takes no task: the thread %s stands still"
                .formatted(restTurns ? "ingest" : "rest"));
  }

  @Override
  public String status() {
    return control
        .jobs()
        .trouble()
        .or(this::limited)
        .orElseGet(() ->
            "%d of %d nodes connected, page http://%s/"
                .formatted(connected(), fleet().nodes().size(), httpAddress()));
  }

  private long connected() {
    long now = clock.nanos();
    return fleet().nodes().values().stream()
        .filter(node -> node.link(now) == Link.CONNECTED)
        .count();
  }

  /** Of the collector's rooms. */
  private List<Sample> samples(Ingested ingested) {
    List<Sample> samples =
        new ArrayList<>(
            List.of(
                own(ingested),
                SelfSample.of(build, queues(), budget, storage.bytes()),
                JobSample.of(control.jobs()),
                OperationsSample.of(
                    operations,
                    acceptance,
                    control.fleet(),
                    silences.flatMap(SilenceMirror::up),
                    clock),
                AcceptanceSample.of(acceptance.standings()),
                DriftSample.of(drift),
                IdentitySample.of(identities, ingested::refusals, own, authority),
                WitnessSample.of(witnesses, jobAudit.leftOut(), grants),
                HotSample.of(hot, clock),
                gaps.sample(),
                paging.sample(scheduler)));
    exporters.forEach(one -> samples.add(one.sample()));
    return samples;
  }

  /** What waits, what was overtaken and what was refused. */
  private Sample own(Ingested ingested) {
    SeriesTable.Builder table = SeriesTable.builder();
    int malformed =
        table.add(Cadence.FAST, Series.of(Metric.COLLECTOR_REJECTED_SAMPLES_TOTAL, "malformed"));
    int kept = table.add(Cadence.FAST, Series.of(Metric.COLLECTOR_EVENTS_RECEIVED_TOTAL));
    int repeated = table.add(Cadence.FAST, Series.of(Metric.COLLECTOR_EVENTS_DUPLICATE_TOTAL));
    int bytes = table.add(Cadence.FAST, Series.of(Metric.COLLECTOR_EVENTS_BYTES));
    int late = table.add(Cadence.FAST, late("accepted"));
    int again = table.add(Cadence.FAST, late("duplicate"));
    int unchained = table.add(Cadence.FAST, late("unchained"));
    Readings readings = new Readings(table.build());
    readings.measured(late, (double) ingested.lateSamples());
    readings.measured(again, (double) ingested.duplicates());
    readings.measured(unchained, (double) ingested.unchainedSamples());
    readings.measured(kept, (double) events.received());
    readings.measured(repeated, (double) events.duplicates());
    readings.measured(bytes, (double) events.bytes());
    readings.measured(malformed, (double) ingested.malformed());
    return readings.sample();
  }

  /** All that is bounded in this process and waits for somebody. */
  private List<Backlog> queues() {
    List<Backlog> queues = new ArrayList<>();
    queues.add(
        new Backlog(
            "inbox",
            control.waiting(),
            OptionalLong.empty(),
            OptionalDouble.of(control.stillFor().toMillis() / MILLIS),
            List.of(new Backlog.Drop("superseded", control.superseded()))));
    queues.add(Backlog.waiting("jobs", control.told(), Ingested.MOST_JOBS_WAITING));
    queues.add(Backlog.waiting("store", store.waiting(), SqliteStore.MOST_WAITING));
    queues.add(
        Backlog.refusing(
            "events", events.waiting(), EventKeeper.MOST_WAITING, "cut-off", events.cutOff()));
    queues.add(
        Backlog.refusing(
            "event_questions",
            events.asked(),
            EventKeeper.MOST_QUESTIONS,
            "refused",
            events.refused()));
    queues.add(
        new Backlog(
            "requests",
            rest.connections(),
            OptionalLong.of(RestServer.MOST_CONNECTIONS),
            OptionalDouble.empty(),
            List.of(
                new Backlog.Drop("connections", rest.refusedConnections()),
                new Backlog.Drop("rate", rate.refused()))));
    queues.add(Backlog.waiting("ungreeted", ingest.ungreeted(), IngestServer.MOST_UNGREETED));
    queues.add(
        Backlog.refusing(
            "handshakes",
            ingest.handshakes(),
            IngestServer.MOST_HANDSHAKES,
            "refused",
            ingest.handshakesRefused()));
    join.ifPresent(one ->
        queues.add(
            Backlog.refusing("join", one.waiting(), one.mostWaiting(), "refused", one.refused())));
    paging.notices().ifPresent(queues::add);
    identities
        .renewals()
        .ifPresent(desk ->
            queues.add(
                Backlog.refusing(
                    "renewals", desk.waiting(), MOST_RENEWALS, "refused", desk.refused())));
    exporters.forEach(one ->
        queues.add(Backlog.waiting(one.queue() + "_bytes", one.waitingBytes(), one.mostBytes())));
    return queues;
  }

  private static Series late(String result) {
    return Series.of(Metric.COLLECTOR_BACKFILLED_SAMPLES_TOTAL, result);
  }

  /** What REST answers. */
  List<Route> routes() {
    return rest.routes();
  }

  /** {@code HOST:PORT} of the page and of REST. */
  public String httpAddress() {
    return rest.address();
  }

  public int httpPort() {
    return rest.port();
  }

  public int uplinkPort() {
    return ingest.port();
  }

  /** Of the port for joining; empty where there is none. */
  public Optional<Integer> joinPort() {
    return join.map(JoinServer::port);
  }

  /** The newest state of the fleet. */
  public FleetState fleet() {
    return control.fleet();
  }

  /** Agents are told to come back soon; then the writer ends, the page last. */
  @Override
  public void close() {
    join.ifPresent(JoinServer::close);
    silences.ifPresent(SilenceMirror::close);
    scheduler.ifPresent(SchedulerDesk::close);
    drift.close();
    ingest.close();
    exporters.forEach(Exporter::close); // behind what it is told
    try {
      control.stop(STOP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    rest.close();
    identities.close();
    paging.close();
    events.close();
    usage.close();
    store.close();
  }
}
