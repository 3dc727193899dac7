package io.millwright.simulator.determinism;

import io.millwright.collector.acceptance.Accepting;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.control.Control;
import io.millwright.collector.control.JobDesk;
import io.millwright.collector.control.JobsState;
import io.millwright.collector.control.SteppedControl;
import io.millwright.collector.control.Submitted;
import io.millwright.collector.events.EventKeeper;
import io.millwright.collector.events.SteppedEvents;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.ingest.IngestOptions;
import io.millwright.collector.ingest.Ingested;
import io.millwright.collector.ingest.SteppedIngest;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.operations.EvidenceSource;
import io.millwright.collector.operations.NodeMark;
import io.millwright.collector.operations.OperationsDesk;
import io.millwright.collector.operations.PolicyFile;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.racks.Place;
import io.millwright.collector.recovery.RecoveryDesk;
import io.millwright.collector.recovery.RecoveryState;
import io.millwright.collector.store.EventTable;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One life of a collector: the real port's sessions, single writer, book, recovery and keeper of
 * events over a store that can end it at any transaction.
 */
final class SimulatedCollector {
  /** Shorter than the usual minute, so that a history need not be long. */
  private static final Duration LEAST_RECOVERY = Duration.ofSeconds(5);

  private final SimulatedStore store;
  private final BookView view;
  private final Clock clock;
  private final Control control;
  private final JobDesk desk;
  private final OperationsDesk operations;
  private final RecoveryDesk recovery;
  private final EventKeeper keeper;
  private final SteppedIngest ingest;
  private final Set<Integer> samples;
  private final int endedBefore;
  private JobsState looked = JobsState.EMPTY;
  private final Set<Integer> received = new HashSet<>();

  /**
   * @param view of the store's book
   * @param samples that any collector has received
   */
  SimulatedCollector(
      SimulatedStore store,
      BookView view,
      EventTable events,
      Set<Integer> samples,
      Trust trust,
      VirtualClock clock) {
    this.store = store;
    this.view = view;
    this.clock = clock;
    this.samples = samples;
    JobBook book = JobBook.open(store, clock, sequence -> ImexChannel.from(0)); // low ones, again
    this.endedBefore = (int) book.runs().stream().filter(run -> run.ended().isPresent()).count();
    AuditLog audit = AuditLog.open(store, clock);
    this.recovery = RecoveryDesk.open(store, audit, book, LEAST_RECOVERY, clock);
    this.operations =
        OperationsDesk.open(
            store, audit, book, PolicyFile.none(), Place::unknown, EvidenceSource.NONE, clock);
    this.desk = new JobDesk(book, operations, Accepting.NONE, recovery, clock);
    this.control = new Control(desk, clock);
    this.keeper = new EventKeeper(events, () -> control.fleet().events(), clock);
    Ingested ingested =
        new Ingested(
            this::fact,
            control::tell,
            control::told,
            keeper,
            (node, schema) -> (at, takenMs, aheadMs, row) -> received(node, row.value(0)));
    this.ingest =
        new SteppedIngest(
            new IngestOptions(
                InetSocketAddress.createUnresolved("collector", 1),
                "collector-1",
                Trust.SITE,
                store.term(),
                Duration.ofSeconds(1)),
            trust.collector(),
            ingested,
            clock);
  }

  private void fact(Fact fact) {
    if (fact instanceof Fact.Sampled sampled) {
      SimulatedAgent.numberOf(sampled.sample())
          .ifPresent(number -> received(sampled.node(), number));
    }
    control.tell(fact);
  }

  private void received(String node, double number) {
    int sample = SimulatedAgent.sample(node, (int) number);
    Violation.unless(
        received.add(sample), "I10", "sample %d of %s is counted twice", (int) number, node);
    samples.add(sample);
  }

  SteppedIngest ingest() {
    return ingest;
  }

  SimulatedStore store() {
    return store;
  }

  BookView view() {
    return view;
  }

  boolean dead() {
    return store.crashed();
  }

  /**
   * A turn of each of its threads; {@link Crash} where it dies of it.
   *
   * @param keeps whether the keeper of events has one too
   */
  void turn(boolean keeps) {
    SteppedControl.turn(control);
    if (dead()) {
      throw new Crash();
    }
    if (keeps) {
      SteppedEvents.turn(keeper);
    }
    JobsState now = control.jobs();
    if (!now.equals(looked)) {
      looked = now;
      view.look(now.runs(), recovery.active(), clock.wall(), this::connected);
    }
  }

  /** Whether a node could not be declared lost because it is there. */
  private boolean connected(String node) {
    return desk.notLost(node).isPresent();
  }

  List<Run> runs() {
    return control.jobs().runs();
  }

  /** Runs that had ended before this life. */
  int endedBefore() {
    return endedBefore;
  }

  /** Ends that this life has counted. */
  long finished() {
    return control.jobs().finished().values().stream().mapToLong(Long::longValue).sum();
  }

  boolean vacant() {
    return control.jobs().taken().isEmpty();
  }

  RecoveryState recovering() {
    return control.jobs().recovery();
  }

  /** How often the runs of a node and of the book were found to differ. */
  long mismatches() {
    return control.jobs().mismatches();
  }

  Map<RunId, String> waiting() {
    return control.jobs().waiting();
  }

  Optional<String> trouble() {
    return control.jobs().trouble();
  }

  int refusing() {
    return control.jobs().refusing();
  }

  CompletableFuture<Submitted> submit(JobSpec spec) {
    return control.ask((desk, fleet) -> desk.submit(fleet, spec, OptionalInt.of(1), "a person"));
  }

  void cancel(RunId run) {
    var _ = control.ask((desk, fleet) -> desk.cancel(run, "somebody"));
  }

  /** As the route of REST asks it. */
  void lost(String node) {
    var _ =
        control.ask((jobs, fleet) ->
            jobs.notLost(node)
                .<Ruling<NodeMark>>map(Ruling.Refused::new)
                .orElseGet(() -> operations.lost(fleet, node, "somebody", "it does not answer")));
  }

  /** The operator lets what the older store had in its queue go on. */
  void release() {
    var _ = control.ask((desk, fleet) -> recovery.release("somebody", "the queue is known"));
  }
}
