package io.millwright.collector.control;

import io.millwright.collector.acceptance.Accepting;
import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditException;
import io.millwright.collector.downlink.Downlink;
import io.millwright.collector.downlink.EvidenceReply;
import io.millwright.collector.downlink.EvidenceWish;
import io.millwright.collector.downlink.PowerReply;
import io.millwright.collector.downlink.StartOrders;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.downlink.Unclaimed;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.jobs.BookException;
import io.millwright.collector.jobs.Grant;
import io.millwright.collector.jobs.Granting;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Member;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.jobs.Submission;
import io.millwright.collector.operations.NodeMark;
import io.millwright.collector.operations.Operating;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.placement.Explanation;
import io.millwright.collector.placement.Needs;
import io.millwright.collector.placement.NodeView;
import io.millwright.collector.placement.Occupant;
import io.millwright.collector.placement.Placement;
import io.millwright.collector.placement.Planner;
import io.millwright.collector.placement.Reservation;
import io.millwright.collector.placement.Spread;
import io.millwright.collector.recovery.Recovering;
import io.millwright.collector.self.Durations;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue, its placement, and the way to the nodes.
 *
 * <p><i>Threading:</i> the thread {@code control} owns it; others go through {@link Control#ask}.
 * <i>Failure:</i> what the store did not take has not happened and is told to whoever asked; nodes
 * tell again what was not acknowledged. A book that another collector took over is written no more.
 */
public final class JobDesk {
  private static final Logger LOG = LoggerFactory.getLogger(JobDesk.class);
  private static final int MOST_REASONS = 3;
  private static final int KEPT = 10_000;

  /** Longer than any node remembers a run. */
  private static final Duration REMEMBERED = Duration.ofDays(60);

  private static final Duration FORGETTING = Duration.ofMinutes(1);
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** Between two looks at every node for answers that are overdue and heartbeats that came. */
  private static final Duration FLUSH = Duration.ofMillis(500);

  private static final Duration PROBING = Duration.ofSeconds(5);
  private static final int MOST_QUEUED = 10_000;

  private final JobBook book;
  private final Operating operating;
  private final Accepting accepting;
  private final Recovering recovering;
  private final JobAudit audit;
  private final Downlink downlink;
  private final Planner planner = Planner.standard();
  private final Placing placing;
  private final Gangs gangs;
  private final Locations locations = new Locations();
  private final NodeTraits traits = new NodeTraits();
  private final Clock clock;
  private final Map<RunId, String> waiting = new HashMap<>();
  private final Durations waits = QueueWaits.counted();
  private Optional<String> trouble = Optional.empty();
  private long forgotNanos;
  private OptionalLong plannedNanos = OptionalLong.empty();
  private long plannedAt = -1;
  private long flushedAt = -1;
  private long flushedNanos;
  private long troubledNanos;
  private JobsState state = JobsState.EMPTY;
  private long stateAt = -1;

  /** Of a collector in which nobody operates anything. */
  public JobDesk(JobBook book, Clock clock) {
    this(book, Operating.NONE, clock);
  }

  public JobDesk(JobBook book, Operating operating, Clock clock) {
    this(book, operating, Accepting.NONE, clock);
  }

  public JobDesk(JobBook book, Operating operating, Accepting accepting, Clock clock) {
    this(book, operating, accepting, Recovering.NONE, clock);
  }

  public JobDesk(
      JobBook book, Operating operating, Accepting accepting, Recovering recovering, Clock clock) {
    this(book, operating, accepting, recovering, JobAudit.none(clock), 0, clock);
  }

  /** Of one that signs no starts. */
  public JobDesk(
      JobBook book,
      Operating operating,
      Accepting accepting,
      Recovering recovering,
      JobAudit audit,
      int spareTrays,
      Clock clock) {
    this(book, operating, accepting, recovering, StartOrders.none(clock), audit, spareTrays, clock);
  }

  /**
   * @param orders signs the starts that nodes are sent
   * @param audit of what people do with jobs
   * @param spareTrays how many nodes of each NVLink domain are kept for restarts
   */
  public JobDesk(
      JobBook book,
      Operating operating,
      Accepting accepting,
      Recovering recovering,
      StartOrders orders,
      JobAudit audit,
      int spareTrays,
      Clock clock) {
    this.audit = audit;
    this.placing = new Placing(spareTrays);
    this.book = book;
    this.operating = operating;
    this.accepting = accepting;
    this.recovering = recovering;
    this.downlink = new Downlink(book, recovering, orders, clock);
    this.gangs = new Gangs(book, downlink, recovering, clock);
    this.clock = clock;
  }

  // ---- asked for by people

  /**
   * Puts a job into the queue.
   *
   * @param run of callers who ask again until they have an answer; empty for the next
   * @param by who asks
   */
  public Submitted submit(FleetState fleet, JobSpec spec, OptionalInt run, String by) {
    boolean there = run.isPresent() && book.run(new RunId(spec.name(), run.getAsInt())).isPresent();
    Optional<String> impossible = there ? Optional.empty() : impossible(fleet, spec);
    if (impossible.isPresent()) {
      return new Submitted.Impossible(impossible.get());
    }
    if (!there && book.queued().size() >= MOST_QUEUED) {
      throw new JobsFailure(
          "%d jobs wait already, as many as are kept; submit it again later"
              .formatted(MOST_QUEUED));
    }
    Submission submission =
        audit.changed(
            book,
            queued -> new AuditDraft(by, "job.submit", queued.id().text(), "", words(spec), ""),
            () -> run.isPresent() ? book.submit(spec, run.getAsInt()) : book.submit(spec));
    return switch (submission) {
      case Submission.Accepted(Run queued) -> new Submitted.Queued(queued);
      case Submission.Known(Run known) -> known(known, run);
      case Submission.Refused(String sentence) -> new Submitted.Conflicting(sentence);
    };
  }

  private static String words(JobSpec spec) {
    return "as user %s%s on %d nodes with %d %s accelerators each, priority %d: %s"
        .formatted(
            spec.user(),
            spec.project().isEmpty() ? "" : ", project " + spec.project(),
            spec.nodes(),
            spec.devices().count(),
            word(spec),
            spec.priority(),
            Shown.text(spec.argv().getFirst()));
  }

  /**
   * That something was refused to somebody, for the audit log.
   *
   * @param what as in {@code job.submit}
   * @param subject the job or run; empty where it is not known
   */
  public void refused(String by, String what, String subject, String sentence) {
    audit.refused(by, what, subject, sentence);
  }

  /** Who does not say which run he means, means a new one. */
  private static Submitted known(Run known, OptionalInt run) {
    return run.isPresent()
        ? new Submitted.Known(known)
        : new Submitted.Conflicting(
            "name: '%s' is refused, %s has it and is %s; allowed is another name, or to cancel that run first"
                .formatted(known.id().job(), known.id().text(), known.state().word()));
  }

  /** As long as a node that once had jobs was not seen, the fleet is not known. */
  private Optional<String> impossible(FleetState fleet, JobSpec spec) {
    List<NodeState> seen =
        fleet.nodes().values().stream().filter(node -> node.sample().table().size() > 0).toList();
    Set<String> names = seen.stream().map(NodeState::name).collect(Collectors.toSet());
    if (!names.containsAll(book.nodes())) {
      return Optional.empty();
    }
    int wanted = spec.devices().count();
    List<Integer> counts =
        seen.stream()
            .map(FleetViews::devices)
            .map(devices ->
                (int) devices.stream().filter(device -> device.serves(spec.devices())).count())
            .toList();
    int largest = counts.stream().mapToInt(count -> count).max().orElse(wanted);
    if (largest < wanted) {
      return Optional.of(
          "devices.count: '%d' is refused; allowed are up to %d, the most %s accelerators that a node of this fleet has"
              .formatted(wanted, largest, word(spec)));
    }
    Optional<String> ungrouped = ungrouped(seen, spec);
    if (ungrouped.isPresent()) {
      return ungrouped;
    }
    long able = counts.stream().filter(count -> count >= wanted).count();
    return counts.isEmpty() || able >= spec.nodes()
        ? Optional.empty()
        : Optional.of(
            "nodes: '%d' is refused; allowed are up to %d, the nodes of this fleet that have %d %s accelerators"
                .formatted(spec.nodes(), able, wanted, word(spec)));
  }

  /** Where each node that has enough Neuron devices never gives so many at once. */
  private static Optional<String> ungrouped(List<NodeState> seen, JobSpec spec) {
    if (spec.devices().kind() != DeviceKind.NEURON) {
      return Optional.empty();
    }
    List<Optional<String>> refusals =
        seen.stream()
            .filter(node -> neurons(node) >= spec.devices().count())
            .map(node -> FleetViews.grouping(node).refusal(spec.devices().count(), neurons(node)))
            .toList();
    return refusals.stream().allMatch(Optional::isPresent)
        ? refusals.stream().findFirst().flatMap(first -> first)
        : Optional.empty();
  }

  /** How many Neuron devices a node has, by the highest number seen. */
  private static int neurons(NodeState node) {
    return FleetViews.devices(node).stream()
        .filter(device -> device.kind() == DeviceKind.NEURON)
        .mapToInt(device -> device.index() + 1)
        .max()
        .orElse(0);
  }

  private static String word(JobSpec spec) {
    return spec.devices()
        .mig()
        .map(profile -> "MIG " + profile.text())
        .orElseGet(() -> spec.devices().kind().name().toLowerCase(Locale.ROOT));
  }

  /** Where a job would run now. */
  public Explanation explain(FleetState fleet, JobSpec spec) {
    Set<DeviceKey> taken = taken();
    List<NodeView> offered = placing.offered(views().of(fleet), taken, spec, clock.wall());
    Spread spread =
        spec.project().isEmpty()
            ? Spread.NONE
            : Placing.spreads(book.projects(), offered)
                .getOrDefault(spec.project(), new Spread(spec.project(), Map.of()));
    return planner.explain(offered, taken, spec, spread.of(spec));
  }

  /**
   * Has a run ended that only its node knows.
   *
   * @return why not; empty where the node is told
   */
  public Optional<String> endUnclaimed(String node, RunId run, String by, String reason) {
    Optional<Unclaimed> found =
        downlink.unclaimed().stream()
            .filter(one -> one.node().equals(node) && one.run().equals(run))
            .findFirst();
    if (found.isEmpty()) {
      return Optional.of(
          "no run %s is unclaimed on node %s; /v1/unclaimed lists those that are"
              .formatted(run.text(), node));
    }
    audit.done(
        new AuditDraft(
            by,
            "run.end-unclaimed",
            run.text(),
            "on node %s, unknown to the book".formatted(node),
            "to be stopped",
            reason));
    downlink.end(found.get());
    return Optional.empty();
  }

  /** Wants a run to end; empty where it is unknown. */
  public Optional<Run> cancel(RunId id, String by) {
    String before = book.run(id).map(run -> run.state().word()).orElse("");
    return audit.changed(
        book,
        run -> new AuditDraft(by, "job.cancel", id.text(), before, "to be stopped", ""),
        () -> book.cancel(id, by));
  }

  /**
   * Asks for what a run has printed on a node.
   *
   * @param answer never fails: no answer is a refusal
   */
  public void output(
      String node, RunId run, long offset, int most, CompletableFuture<Frame.Output> answer) {
    downlink.output(node, run, offset, most, answer);
  }

  /**
   * Orders a node to hold accelerators to a power limit.
   *
   * @param answer never fails
   */
  public void cap(
      String node, OptionalInt watts, List<String> devices, CompletableFuture<PowerReply> answer) {
    downlink.cap(node, watts, devices, answer);
  }

  /**
   * Orders evidence of a node.
   *
   * @param answer never fails
   */
  public void capture(String node, EvidenceWish wish, CompletableFuture<EvidenceReply> answer) {
    downlink.capture(node, wish, answer);
  }

  /** That a test of this order may run on the node, at most so long from now: no job goes there. */
  void testBegins(String node, String order, Duration longest) {
    downlink.testBegins(node, order, longest);
  }

  /** That no test of this order runs there any more. */
  void testEnded(String node, String order) {
    downlink.testEnded(node, order);
  }

  /**
   * Why no test of the site is begun on a node; empty where it has no work, or no new work comes
   * there. The node itself has the last word.
   */
  public Optional<String> testRefusal(String node) {
    int runs = book.runsOf(node);
    boolean inService = operating.board().mark(node).state() == NodeMark.State.IN_SERVICE;
    return inService && runs > 0
        ? Optional.of(
            "node %s is in service with %d runs: drain it first, or consent with in_service"
                .formatted(node, runs))
        : Optional.empty();
  }

  /**
   * Asks a node for a piece of a bundle.
   *
   * @param answer never fails: no answer is a refusal
   */
  public void bundle(String node, String id, long offset, CompletableFuture<Frame.Bundle> answer) {
    downlink.bundle(node, id, offset, answer);
  }

  /** The one sentence of a failure of the book or the store. */
  static Optional<String> sentence(RuntimeException failure) {
    return failure instanceof BookException
            || failure instanceof StoreException
            || failure instanceof AuditException
            || failure instanceof JobsFailure
        ? Optional.of(String.valueOf(failure.getMessage()))
        : Optional.empty();
  }

  // ---- the turn

  /**
   * Takes in what sessions told, places what can be placed, and tells the nodes; what fails of it
   * keeps nothing else from being done.
   */
  void turn(FleetState fleet, List<Told> told) {
    long now = clock.nanos();
    List<Optional<RuntimeException>> failures = new ArrayList<>();
    failures.add(downlink.told(told));
    failures.add(attempt(() -> operating.turn(fleet)));
    boolean due = !told.isEmpty() || plannedNanos.isEmpty() || book.version() != plannedAt;
    if (due || now - plannedNanos.getAsLong() > LOOK.toNanos()) {
      plannedNanos = OptionalLong.of(now);
      failures.add(attempt(() -> accepting.turn(fleet))); // both look at every node
      failures.add(attempt(() -> recovering.turn(downlink.speaking())));
      failures.add(attempt(() -> place(fleet)));
      plannedAt = book.version();
      failures.add(attempt(() -> downlink.accepted(accepting::lastPass)));
    }
    failures.add(attempt(gangs::turn));
    if (due || book.version() != flushedAt || now - flushedNanos >= FLUSH.toNanos()) {
      flushedNanos = now;
      flushedAt = book.version(); // what is changed meanwhile is flushed in the next turn
      failures.add(downlink.flush());
    }
    failures.add(attempt(audit::turn));
    if (now - forgotNanos > FORGETTING.toNanos()) {
      forgotNanos = now;
      failures.add(attempt(() -> book.forget(clock.wall().minus(REMEMBERED), KEPT)));
    }
    judge(
        failures.stream().flatMap(Optional::stream).flatMap(e -> sentence(e).stream()).findFirst(),
        now);
  }

  /** A failure of the store or the book is told as trouble; any other is an error of ours. */
  private static Optional<RuntimeException> attempt(Runnable task) {
    try {
      task.run();
      return Optional.empty();
    } catch (RuntimeException e) {
      if (sentence(e).isEmpty()) {
        LOG.error("a turn of the jobs failed", e);
      }
      return Optional.of(e);
    }
  }

  /** Trouble ends when the store takes something again. */
  private void judge(Optional<String> failure, long now) {
    if (failure.isPresent()) {
      if (trouble.isEmpty()) {
        LOG.error("jobs cannot be kept: {}", failure.get());
      }
      trouble = failure;
      troubledNanos = now;
    } else if (trouble.isPresent() && now - troubledNanos > PROBING.toNanos()) {
      troubledNanos = now;
      if (attempt(book::probe).isEmpty()) {
        LOG.info("jobs are kept again");
        trouble = Optional.empty();
      }
    }
  }

  /** The queue in its order; see {@link Placing}. */
  private void place(FleetState fleet) {
    List<Run> queued = book.queued();
    if (queued.isEmpty()) {
      waiting.clear();
      placing.idle();
      return;
    }
    waiting.keySet().retainAll(queued.stream().map(Run::id).collect(Collectors.toSet()));
    List<Run> placeable = new ArrayList<>();
    boolean channelless =
        queued.stream().anyMatch(run -> run.spec().devices().imex()) && channelless();
    for (Run run : queued) {
      Optional<String> withheld =
          recovering
              .withheld(run)
              .or(() -> resting(run))
              .or(() ->
                  channelless && run.spec().devices().imex()
                      ? Optional.of(JobBook.NO_CHANNEL)
                      : Optional.empty());
      withheld.ifPresentOrElse(why -> waiting.put(run.id(), why), () -> placeable.add(run));
    }
    if (placeable.isEmpty()) {
      placing.idle();
      return;
    }
    FleetViews views = views();
    placing.turn(
        views.of(fleet), taken(), placeable, book.version(), clock.wall(), granting(fleet, views));
  }

  private Placing.Desk granting(FleetState fleet, FleetViews views) {
    return new Placing.Desk() {
      @Override
      public List<NodeView> grant(Run run, Placement.Placed placed) {
        return JobDesk.this.grant(run, placed)
            ? nodes(placed).stream().flatMap(n -> fleet.node(n).stream()).map(views::of).toList()
            : List.of();
      }

      @Override
      public String sentence(Placement.Unplaced unplaced, Optional<Reservation> own) {
        return JobDesk.sentence(unplaced) + own.map(kept -> "; " + kept.sentence()).orElse("");
      }

      @Override
      public void wait(Run run, String why) {
        waiting.put(run.id(), why);
      }

      @Override
      public List<Occupant> occupants(String node) {
        return book.runs(node).stream().map(run -> occupant(run, node)).toList();
      }

      @Override
      public Map<String, Map<String, Integer>> projects() {
        return book.projects();
      }
    };
  }

  /** One that has not begun yet begins now, as far as is known. */
  private Occupant occupant(Run run, String node) {
    Instant begun = run.started().orElseGet(clock::wall);
    OptionalLong longest = Needs.of(run.spec()).longestMs();
    return new Occupant(
        run.spec().user(),
        run.member(node).map(member -> Set.copyOf(member.devices().uuids())).orElse(Set.of()),
        longest.isPresent()
            ? OptionalLong.of(begun.toEpochMilli() + longest.getAsLong())
            : OptionalLong.empty());
  }

  /** Why a run has no place yet, which stands in the place of another one. */
  private Optional<String> resting(Run run) {
    return leased(run).or(() -> retried(run));
  }

  /**
   * Of a job that is stopped with its lease one run is at work at most: those before it have ended
   * by what their nodes said, or their leases are over for sure.
   */
  private Optional<String> leased(Run run) {
    if (!run.spec().lease().stops()) {
      return Optional.empty();
    }
    return book.before(run.id()).stream()
        .filter(before -> before.spec().lease().stops())
        .flatMap(before -> left(before).stream())
        .findFirst();
  }

  private Optional<String> left(Run before) {
    return before.members().stream()
        .filter(member -> member.declared().isPresent())
        .flatMap(member -> left(before, member.node()).stream())
        .findFirst();
  }

  private Optional<String> left(Run before, String node) {
    Optional<Boolean> there = downlink.mayHave(node, before.id());
    if (there.isPresent()) {
      return there.get() || book.untold(before.id(), node)
          ? Optional.of(
              "%s has not said yet that nothing of %s is left there"
                  .formatted(node, before.id().text()))
          : Optional.empty();
    }
    Duration left = downlink.leaseLeft(node, before.spec());
    return left.isZero()
        ? Optional.empty()
        : Optional.of(
            "%s may still run on %s, which does not answer; its lease has surely ended at %s"
                .formatted(
                    before.id().text(),
                    node,
                    clock.wall().plus(left).truncatedTo(ChronoUnit.SECONDS)));
  }

  /** Why a restart has no place yet. */
  private Optional<String> retried(Run run) {
    return run.retry()
        .flatMap(retry -> {
          String which = run.restart().orElse("");
          for (Run before : book.before(run.id())) {
            List<String> unsure = unsure(before, before.id().equals(retry.after()));
            if (!unsure.isEmpty()) {
              return Optional.of(
                  "%s: %s has not said yet that nothing of %s is left there"
                      .formatted(
                          which,
                          String.join(", ", unsure),
                          before.id().equals(retry.after()) ? "it" : before.id().text()));
            }
          }
          return retry.rests(clock.wall())
              ? Optional.of("%s: not before %s".formatted(which, retry.notBefore()))
              : Optional.empty();
        });
  }

  /**
   * The nodes that may still have something of a run that ended there by the collector's word
   * alone. One that was declared lost is taken for off, unless it is connected after all.
   *
   * @param latest whether nodes that are away count; for runs before the latest they did already
   */
  private List<String> unsure(Run run, boolean latest) {
    if (run.spec().lease().stops()) {
      return List.of(); // leased() says more
    }
    return run.members().stream()
        .filter(member -> member.declared().isPresent())
        .filter(member ->
            downlink
                .mayHave(member.node(), run.id())
                .map(has -> has || book.untold(run.id(), member.node()))
                .orElseGet(() ->
                    latest
                        && member
                            .outcome()
                            .filter(how -> how.kind() == Outcome.Kind.NODE_LOST)
                            .isEmpty()))
        .map(Member::node)
        .toList();
  }

  /** Why a node cannot be declared lost now; empty where it can. */
  public Optional<String> notLost(String node) {
    if (recovering.active()) {
      return Optional.of(
          "the collector's store is being recovered; 'millwright recovery lost %s' says that a node is off"
              .formatted(node));
    }
    return downlink.speaking().contains(node)
        ? Optional.of(
            "node %s is connected, so it is not lost; 'millwright drain %s' ends its work"
                .formatted(node, node))
        : Optional.empty();
  }

  private FleetViews views() {
    return new FleetViews(downlink, book, operating, accepting, locations, traits, clock.nanos());
  }

  /** What people and policy did to nodes since this was asked last. */
  List<Operating.News> news() {
    List<Operating.News> news = new ArrayList<>(operating.news());
    news.addAll(accepting.news());
    return news;
  }

  /** Whether the book took it. */
  private boolean grant(Run run, Placement.Placed placed) {
    Granting granting =
        book.place(
            run.id(),
            placed.shares(),
            holds(placed) ? Grant.Go.AWAITED : Grant.Go.NOT_NEEDED,
            run.spec().devices().imex() ? channelsElsewhere() : Set.of());
    return switch (granting) {
      case Granting.Granted(Run granted) -> {
        waiting.remove(run.id());
        QueueWaits.of(granted, clock.wall()).ifPresent(waits::took);
        LOG.info("run placed run={} nodes={}", run.id().text(), nodes(placed));
        yield true;
      }
      case Granting.Refused(String sentence) -> {
        waiting.put(run.id(), sentence);
        LOG.error("a placement was refused by the book run={}: {}", run.id().text(), sentence);
        yield false;
      }
    };
  }

  /**
   * Channels that may still be used though no run is open that has them: of runs that nodes hold,
   * also while they are away, and of those that ended by the collector's word alone, until their
   * nodes have said that nothing of them is left. That a node was declared lost ends none: to share
   * one is worse than to be short of one.
   */
  Set<ImexChannel> channelsElsewhere() {
    Set<ImexChannel> held = downlink.heldChannels();
    book.runs().stream()
        .filter(run -> run.ended().isPresent() && run.spec().devices().imex())
        .filter(this::mayHold)
        .flatMap(run -> run.grant().flatMap(Grant::channel).stream())
        .forEach(held::add);
    return held;
  }

  private boolean mayHold(Run ended) {
    return ended.members().stream()
        .filter(member -> member.declared().isPresent())
        .anyMatch(member ->
            downlink
                .mayHave(member.node(), ended.id())
                .map(has -> has || book.untold(ended.id(), member.node()))
                .orElse(true));
  }

  /** Whether no run that asks for a channel can have one. */
  private boolean channelless() {
    Set<ImexChannel> held = channelsElsewhere();
    held.addAll(book.channels());
    return held.size() >= ImexChannel.count();
  }

  /** One agent that cannot hold its member would begin it while others may still refuse theirs. */
  private boolean holds(Placement.Placed placed) {
    List<String> nodes = nodes(placed);
    return nodes.size() > 1 && nodes.stream().allMatch(downlink::readsHolds);
  }

  /** How long runs waited for their place. */
  Durations waits() {
    return waits;
  }

  private static List<String> nodes(Placement.Placed placed) {
    return placed.shares().stream().map(share -> share.node()).toList();
  }

  private static String sentence(Placement.Unplaced unplaced) {
    String reasons =
        unplaced.refusals().stream()
            .limit(MOST_REASONS)
            .map(refusal -> refusal.node() + ": " + refusal.reason())
            .collect(Collectors.joining("; "));
    int more = unplaced.more() + Math.max(0, unplaced.refusals().size() - MOST_REASONS);
    return unplaced.summary()
        + (reasons.isEmpty()
            ? ""
            : " (" + reasons + (more > 0 ? "; and %d more".formatted(more) : "") + ")");
  }

  /** By the book or by the nodes: free is only what both call free. */
  private Set<DeviceKey> taken() {
    Set<DeviceKey> taken = new HashSet<>(book.taken().keySet());
    taken.addAll(downlink.held());
    return taken;
  }

  /** The same instance while nothing of it has changed. */
  JobsState state() {
    boolean same =
        stateAt == book.version()
            && state.waiting().equals(waiting)
            && state.trouble().equals(trouble)
            && state.recovery().equals(recovering.state())
            && state.refusing() == downlink.refusing()
            && state.unclaimed().equals(downlink.unclaimed())
            && state.mismatches() == downlink.mismatches();
    if (!same) {
      stateAt = book.version();
      state =
          new JobsState(
              book.runs(),
              waiting,
              book.taken(),
              book.finished(),
              trouble,
              recovering.state(),
              downlink.refusing(),
              downlink.unclaimed(),
              downlink.mismatches());
    }
    return state;
  }
}
