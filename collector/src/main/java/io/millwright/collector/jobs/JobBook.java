package io.millwright.collector.jobs;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.jobs.Signal.Moment;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.placement.Share;
import io.millwright.collector.store.StateStore;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.Rendezvous;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The durable book of jobs, runs and assignments.
 *
 * <p>What a method returned is durable: a job that was accepted, a run that was granted, a report
 * that was acknowledged. A device is free only when no run that is open on its node has it here.
 *
 * <p><i>Lifecycle:</i> {@link #open} claims the book under the store's term and reads it; there is
 * nothing to close but the store. <i>Threading:</i> owned by the thread {@code control}, the single
 * writer, also for reading; each change waits for the disk. What is handed out is immutable and may
 * go anywhere. <i>Failure:</i> {@link IllegalArgumentException} for what can never be right; {@link
 * BookException} when another collector took the book over, after which nothing is written any
 * more; {@code StoreException} when the store fails, and the book stands as it did before.
 */
public final class JobBook {
  private static final Logger LOG = LoggerFactory.getLogger(JobBook.class);

  /**
   * A report changes a member and a run, and may queue another; one transaction takes 128 changes.
   */
  private static final int MOST_REPORTS = 30;

  private static final int MOST_DECLARED = 30;
  private static final int MOST_FORGOTTEN = 100;
  private static final int MOST_CHANGES = 120;
  private static final int LARGEST_SPEC = 256 << 10;
  private static final int LARGEST_GRANT = 1 << 20;
  private static final int LONGEST_NAME = 256;

  /** Why a run gets no channel. */
  public static final String NO_CHANNEL =
      "all %d IMEX channels are held by runs; it gets one when all nodes of such a run have said that nothing of it is left"
          .formatted(ImexChannel.count());

  private static final Comparator<Run> QUEUE =
      Comparator.comparingInt((Run run) -> run.spec().priority())
          .reversed()
          .thenComparingLong(Run::ticket);

  private final Clock clock;
  private final StoredBook stored;
  private final Ledger ledger;
  private final LongFunction<IntStream> order;
  private final Map<String, Long> journals;
  private final Map<String, Long> floors;
  private final Map<String, Long> generations = new HashMap<>();
  private final Map<Outcome.Kind, Long> finished = new EnumMap<>(Outcome.Kind.class);
  private long opened;
  private OptionalLong doubted = OptionalLong.empty();
  private List<Run> queued = List.of();
  private long queuedAt = -1;
  private Optional<Notes> notes = Optional.empty();

  /** How a change is written down. */
  private record Notes(AuditLog audit, Function<Run, AuditDraft> words) {
    StoredBook.Noted of(Run changed) {
      return new StoredBook.Noted(audit, List.of(words.apply(changed)));
    }
  }

  private JobBook(
      Clock clock, StoredBook stored, Recovery.Recovered recovered, LongFunction<IntStream> order) {
    this.clock = clock;
    this.order = order;
    this.stored = stored;
    this.ledger = recovered.ledger();
    this.journals = new HashMap<>(recovered.journals());
    this.floors = new HashMap<>(recovered.floors());
    this.opened = stored.sequence();
  }

  /** Claims and reads the book; every writer before this one has lost it. */
  public static JobBook open(StateStore store, Clock clock) {
    return open(store, clock, ImexChannel::from);
  }

  /**
   * As {@link #open(StateStore, Clock)}.
   *
   * @param channels in which order a grant looks for a free number, by how far the book has come;
   *     one order for all gives a number again as soon as can be
   */
  public static JobBook open(StateStore store, Clock clock, LongFunction<IntStream> channels) {
    StoredBook stored = StoredBook.claim(store);
    return new JobBook(clock, stored, Recovery.read(stored.read()), channels);
  }

  /**
   * From where the book of a store's generation counts: beyond all that the generations before it
   * can have reached, so that what was wanted by one that was lost is older on every node.
   */
  public static long firstSequence(long generation) {
    return StoredBook.firstSequence(generation);
  }

  /** Under which this book is written. */
  public Term term() {
    return stored.term();
  }

  /**
   * Puts a job into the queue. The same job under a live name is the run that is there; after that
   * run ended it is the next run.
   */
  public Submission submit(JobSpec spec) {
    Optional<Run> latest = ledger.latest(spec.name());
    if (latest.isPresent() && latest.get().state() != JobState.ENDED) {
      return again(latest.get(), spec);
    }
    return accepted(new RunId(spec.name(), next(spec.name())), spec);
  }

  /**
   * Puts this very run into the queue; for callers who try again until they have an answer. The
   * same job is the run that is there, also when it has ended since.
   */
  public Submission submit(JobSpec spec, int run) {
    Optional<Run> there = ledger.run(new RunId(spec.name(), run));
    if (there.isPresent()) {
      return again(there.get(), spec);
    }
    int next = next(spec.name());
    if (run != next) {
      return new Submission.Refused(
          "run: '%d' is refused; allowed is %d, the next of %s".formatted(run, next, spec.name()));
    }
    return submit(spec);
  }

  /** A number that no run of this name has, here or on a node. */
  private int next(String job) {
    long latest = ledger.latest(job).map(last -> last.id().run()).orElse(0);
    return Math.toIntExact(Math.max(latest, floors.getOrDefault(job, 0L)) + 1);
  }

  private static Submission again(Run there, JobSpec spec) {
    if (there.spec().equals(spec)) {
      return new Submission.Known(there);
    }
    return new Submission.Refused(
        "name: '%s' is refused, it names %s, which is %s and was submitted otherwise; allowed is another name, or to cancel that run first"
            .formatted(spec.name(), there.id().text(), there.state().word()));
  }

  private Submission accepted(RunId id, JobSpec spec) {
    int size = JobJson.of(spec).length;
    if (size > LARGEST_SPEC) {
      return new Submission.Refused(
          "the job: %d bytes are refused; allowed are up to %d with all its arguments and variables"
              .formatted(size, LARGEST_SPEC));
    }
    Draft draft = draft();
    Run run = Run.queued(id, spec, stored.sequence() + 1, moment().at());
    draft.add(run);
    if (floors.containsKey(id.job())) {
      draft.delete(Keys.floor(id.job()));
    }
    commit(draft);
    floors.remove(id.job());
    return new Submission.Accepted(run);
  }

  /**
   * Gives a queued run its nodes and devices, all in one transaction. Each member begins as soon as
   * its node can.
   *
   * @param shares what the planner found, one a node, in the order of their ranks
   */
  public Granting place(RunId id, List<Share> shares) {
    return place(id, shares, Grant.Go.NOT_NEEDED, Set.of());
  }

  /**
   * Gives a queued run its nodes and devices, all in one transaction.
   *
   * @param shares what the planner found, one a node, in the order of their ranks
   * @param go whether each member begins as soon as its node can, or all get ready and begin at the
   *     run's {@link #go}
   * @param elsewhere channels that nodes may still have of runs that are not open here: a run that
   *     asks for one gets none of these, and none of an open run
   */
  public Granting place(RunId id, List<Share> shares, Grant.Go go, Set<ImexChannel> elsewhere) {
    Optional<Run> run = ledger.run(id);
    Optional<String> objection = run.map(r -> objection(r, shares)).orElse(unknown(id));
    if (objection.isPresent()) {
      return new Granting.Refused(objection.get());
    }
    boolean channelled = run.orElseThrow().spec().devices().imex();
    Optional<ImexChannel> channel = channelled ? channel(elsewhere) : Optional.empty();
    if (channelled && channel.isEmpty()) {
      return new Granting.Refused("%s: %s".formatted(id.text(), NO_CHANNEL));
    }
    Draft draft = draft();
    Run granted =
        draft
            .apply(
                run.orElseThrow(),
                new Signal.Granted(term(), shares, rendezvous(shares), go, channel))
            .orElseThrow();
    if (granted.grant().map(g -> RunJson.of(g, granted.members()).length()).orElse(0)
        > LARGEST_GRANT) {
      return new Granting.Refused(
          "%s: a grant on %d nodes is too large for the store; allowed are fewer nodes a job"
              .formatted(id.text(), shares.size()));
    }
    commit(draft);
    return new Granting.Granted(granted);
  }

  /**
   * One that nobody at the site has, whichever its NVLink domain: what a domain is may change while
   * runs live. As with ports, each grant begins to look at other ones.
   */
  private Optional<ImexChannel> channel(Set<ImexChannel> elsewhere) {
    Set<ImexChannel> taken = new HashSet<>(channels());
    taken.addAll(elsewhere);
    return order
        .apply(stored.sequence())
        .mapToObj(ImexChannel::new)
        .filter(channel -> !taken.contains(channel))
        .findFirst();
  }

  /** The channels of open runs. */
  public Set<ImexChannel> channels() {
    return ledger.runs().stream()
        .filter(run -> run.ended().isEmpty())
        .flatMap(run -> run.grant().flatMap(Grant::channel).stream())
        .collect(Collectors.toSet());
  }

  /**
   * Of a run over several nodes: at the first, by ports that no open run has there. Each grant
   * begins to look at other ones, so that a run does not get those of the one before it.
   */
  private Optional<Rendezvous> rendezvous(List<Share> shares) {
    if (shares.size() < 2) {
      return Optional.empty();
    }
    return shares
        .getFirst()
        .address()
        .map(address -> {
          Set<Rendezvous> taken =
              ledger.runs().stream()
                  .filter(run -> run.ended().isEmpty())
                  .flatMap(run -> run.grant().stream())
                  .flatMap(grant -> grant.rendezvous().stream())
                  .collect(Collectors.toSet());
          return LongStream.range(0, Rendezvous.PAIRS)
              .mapToObj(n -> Rendezvous.of(address, stored.sequence() + n))
              .filter(meeting -> !taken.contains(meeting))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalStateException(
                      "a node gets fewer runs than it has ports: " + address));
        });
  }

  /**
   * All members of a run are ready: from now on they may begin, which is never taken back. Nothing
   * happens where one is not ready, or the run is to end.
   */
  public void go(RunId id) {
    ledger.run(id).ifPresent(run -> apply(run, new Signal.Go()));
  }

  /** The runs whose members get ready and may not begin, by name and number. */
  public List<Run> awaitingGo() {
    return ledger.awaitingGo().stream().flatMap(id -> ledger.run(id).stream()).toList();
  }

  private static Optional<String> unknown(RunId id) {
    return Optional.of("%s: no such run is in the book".formatted(id.text()));
  }

  private Optional<String> objection(Run run, List<Share> shares) {
    shares.forEach(share -> Texts.node(share.node()));
    if (run.state() != JobState.QUEUED) {
      return Optional.of(
          "%s: it is %s; only a queued run is placed"
              .formatted(run.id().text(), run.state().word()));
    }
    Set<String> nodes = new HashSet<>(shares.stream().map(Share::node).toList());
    if (nodes.size() != run.spec().nodes() || shares.size() != nodes.size()) {
      return Optional.of(
          "%s: %d shares on %d nodes; wanted is one on each of %d"
              .formatted(run.id().text(), shares.size(), nodes.size(), run.spec().nodes()));
    }
    return shares.stream().flatMap(share -> objection(run, share).stream()).findFirst();
  }

  private Optional<String> objection(Run run, Share share) {
    boolean asked =
        share.devices().kind() == run.spec().devices().kind()
            && share.devices().uuids().size() == run.spec().devices().count();
    if (!asked) {
      return Optional.of(
          "%s: %d devices on %s are not the %d asked for"
              .formatted(
                  run.id().text(),
                  share.devices().uuids().size(),
                  share.node(),
                  run.spec().devices().count()));
    }
    return share.devices().uuids().stream()
        .map(uuid -> new DeviceKey(share.node(), uuid))
        .flatMap(device -> ledger.holder(device).map(by -> heldBy(device, by)).stream())
        .findFirst();
  }

  private static String heldBy(DeviceKey device, RunId by) {
    return "%s of %s is taken by %s".formatted(device.uuid(), device.node(), by.text());
  }

  /**
   * Makes a change of one run, and writes down what it was in the same transaction; where nothing
   * is changed, nothing is written.
   *
   * @param words of the run as it is then
   */
  public <T> T noted(AuditLog audit, Function<Run, AuditDraft> words, Supplier<T> change) {
    notes = Optional.of(new Notes(audit, words));
    try {
      return change.get();
    } finally {
      notes = Optional.empty();
    }
  }

  /** Wants a run to end, on behalf of whoever asked; the run as it is then, empty where unknown. */
  public Optional<Run> cancel(RunId id, String by) {
    return stop(id, Outcome.Kind.STOPPED_BY_REQUEST, by);
  }

  /** Wants a run to end for this reason. A run that ended, or that is stopped, stays as it is. */
  public Optional<Run> stop(RunId id, Outcome.Kind why, String by) {
    Texts.bounded("by", by, LONGEST_NAME);
    if (why.detailed()) {
      throw JsonMistake.refused("why", Shown.quoted(why.word()), "a reason without a number");
    }
    return ledger
        .run(id)
        .map(run ->
            apply(
                run,
                doubted(run) ? new Signal.StopNoted(why, by) : new Signal.StopWanted(why, by)));
  }

  /**
   * Stops a run of which a node that has not begun it holds another placement: another copy of the
   * store made it, and this one is never carried out there.
   *
   * @return false of one that has ended, or is to be stopped already
   */
  public boolean misplaced(RunId id) {
    Optional<Run> open =
        ledger.run(id).filter(run -> run.ended().isEmpty() && run.stop().isEmpty());
    open.ifPresent(run -> {
      boolean alone = run.members().size() == 1;
      Outcome.Kind why = alone ? Outcome.Kind.UNTRACKED : Outcome.Kind.GROUP_FAILED;
      apply(run, new Signal.StopWanted(why, Reconciliation.BY));
    });
    return open.isPresent();
  }

  private Run apply(Run run, Signal signal) {
    Draft draft = draft();
    Run after = draft.apply(run, signal).orElse(run);
    commit(draft);
    return after;
  }

  /**
   * What a node says of its runs, in the order in which it wrote it. Seen before is acknowledged
   * again and changes nothing.
   *
   * @param journal of the node, in which the sequences count
   */
  public Reporting report(String node, String journal, List<Report> reports) {
    Texts.node(node);
    Texts.journal(journal);
    List<Report> applied = new ArrayList<>();
    List<Report> ignored = new ArrayList<>();
    long before = acknowledged(node, journal);
    boolean gap = false;
    for (int from = 0; from < reports.size(); from += MOST_REPORTS) {
      List<Report> some = reports.subList(from, Math.min(from + MOST_REPORTS, reports.size()));
      gap |= commit(node, journal, some, applied, ignored);
    }
    return new Reporting(acknowledged(node, journal), applied, ignored, gap && before > 0);
  }

  private boolean commit(
      String node,
      String journal,
      List<Report> reports,
      List<Report> applied,
      List<Report> ignored) {
    Draft draft = draft();
    long mark = acknowledged(node, journal);
    boolean gap = false;
    for (Report report : reports) {
      boolean isNew = report.sequence() > mark;
      gap |= report.sequence() > mark + 1;
      mark = Math.max(mark, report.sequence());
      (isNew && applied(draft, node, report) ? applied : ignored).add(report);
    }
    if (mark > acknowledged(node, journal)) {
      draft.put(Keys.journal(node, journal), RunJson.of(mark));
      commit(draft);
      journals.put(node + "/" + journal, mark);
    }
    return gap;
  }

  private static boolean applied(Draft draft, String node, Report report) {
    Signal signal =
        new Signal.Reported(
            node,
            report.state(),
            report.outcome(),
            report.usage(),
            report.detail(),
            report.checks());
    Optional<Run> after = draft.run(report.run()).flatMap(run -> draft.apply(run, signal));
    if (after.filter(run -> RunReducer.beganUnasked(run, report.state())).isPresent()) {
      LOG.error(
          "a member says that it has begun, and its run was given no go; the others wait on run={} node={} state={}",
          report.run().text(),
          node,
          report.state().word());
    }
    return after.isPresent();
  }

  /** The highest sequence of this journal that is durable here; 0 before the first. */
  public long acknowledged(String node, String journal) {
    return journals.getOrDefault(node + "/" + journal, 0L);
  }

  /**
   * A node came with this journal of its jobs. With another than before, or with one that is
   * shorter than what was acknowledged of it, the node has lost its past: its open runs may go on,
   * begin again or be gone, and end here as {@code untracked}. Noted before the node is told
   * anything, so that no loss passes unseen.
   *
   * @param newest number of its last report
   * @return the runs that ended by that
   */
  public List<Run> meet(String node, String journal, long newest) {
    Texts.node(node);
    Texts.journal(journal);
    String key = node + "/" + journal;
    if (journals.containsKey(key) && newest >= acknowledged(node, journal)) {
      return List.of();
    }
    List<String> others =
        journals.keySet().stream().filter(known -> known.startsWith(node + "/")).toList();
    List<Run> lost = others.isEmpty() ? List.of() : declareEnded(node, Outcome.Kind.UNTRACKED);
    Draft draft = draft();
    others.forEach(known -> draft.delete(Keys.JOURNAL + known));
    long mark = others.contains(key) ? newest : 0;
    draft.put(Keys.journal(node, journal), RunJson.of(mark));
    commit(draft);
    others.forEach(journals::remove);
    journals.put(key, mark);
    return lost;
  }

  // ---- of a store that is older than what the nodes know

  /**
   * From now on a queued run up to this place in the queue may be one that nodes have; empty when
   * that is known again.
   */
  public void doubt(OptionalLong upTo) {
    doubted = upTo;
  }

  private boolean doubted(Run run) {
    return run.grant().isEmpty() && doubted.isPresent() && run.ticket() <= doubted.getAsLong();
  }

  /** Every node's desired state gets a new generation, so that all of it is sent again. */
  public void renew() {
    probe();
    generations.clear();
    opened = stored.sequence();
  }

  /** One node's desired state gets a new generation, so that it is sent again. */
  public void renew(String node) {
    Texts.node(node);
    probe();
    generations.put(node, stored.sequence());
  }

  /** Where the book stood when it was opened; whatever is in it from before has a lower ticket. */
  public long openedAt() {
    return opened;
  }

  /** The nodes whose word the book needs: that ever carried out jobs, or have an open run. */
  public Set<String> concerned() {
    Set<String> nodes = new HashSet<>(nodes());
    ledger.runs().stream()
        .flatMap(run -> run.members().stream())
        .filter(Member::open)
        .forEach(member -> nodes.add(member.node()));
    return nodes;
  }

  /** Nodes know these runs: no later one gets such a number, or a lower one. */
  public void seen(Collection<RunId> runs) {
    Map<String, Long> higher = new TreeMap<>();
    for (RunId id : runs) {
      if (id.run() >= next(id.job())) {
        higher.merge(id.job(), (long) id.run(), Math::max);
      }
    }
    List<String> jobs = List.copyOf(higher.keySet());
    for (int from = 0; from < jobs.size(); from += MOST_FORGOTTEN) {
      Draft draft = draft();
      for (String job : jobs.subList(from, Math.min(from + MOST_FORGOTTEN, jobs.size()))) {
        draft.put(Keys.floor(job), RunJson.of(higher.getOrDefault(job, 0L)));
      }
      commit(draft);
    }
    floors.putAll(higher);
  }

  /**
   * Brings this book and what the nodes remember together. A granted run ends as {@code untracked}
   * where its node does not know it, and as its node says where it has ended; a queued one that
   * nodes have is theirs; one that was queued after the mark under a number that a node knows of
   * another ends, as does one that nodes have on devices that are another open run's here.
   *
   * @param remembered by node, of all that answered
   * @param lost nodes that will not answer
   * @param mark place in the queue up to which runs are of the older store
   */
  public Reconciled reconcile(
      Map<String, Map<RunId, Remembered>> remembered, Set<String> lost, long mark) {
    Draft[] draft = {draft()};
    Reconciliation steps =
        new Reconciliation(term(), remembered, lost, mark, device -> draft[0].takes(device));
    for (boolean granted : new boolean[] {true, false}) { // what has ended lets go of its devices
      for (RunId id : open(granted)) {
        while (true) {
          Draft now = draft[0];
          Run run = now.run(id).orElseThrow();
          Optional<Run> after = steps.next(run).flatMap(signal -> now.apply(run, signal));
          if (after.isEmpty()) {
            break;
          }
          if (now.ops().size() >= MOST_CHANGES - 4) {
            commit(now);
            draft[0] = draft();
          }
        }
      }
      commit(draft[0]);
      draft[0] = draft();
    }
    return steps.result();
  }

  private List<RunId> open(boolean granted) {
    return ledger.runs().stream()
        .filter(run -> run.ended().isEmpty() && run.grant().isPresent() == granted)
        .map(Run::id)
        .toList();
  }

  /** The nodes that have ever carried out jobs. */
  public Set<String> nodes() {
    return journals.keySet().stream()
        .map(key -> key.substring(0, key.indexOf('/')))
        .collect(Collectors.toSet());
  }

  /** The unix users whose runs have not ended on a node. */
  public Set<String> users(String node) {
    return open(node).map(run -> run.spec().user()).collect(Collectors.toSet());
  }

  /** Whether a run has devices of this kind on a node. */
  public boolean gave(String node, DeviceKind kind) {
    return open(node)
        .map(run -> run.spec().devices())
        .anyMatch(wish -> wish.kind() == kind && wish.count() > 0);
  }

  private Stream<Run> open(String node) {
    return ledger.of(node).stream()
        .flatMap(id -> ledger.run(id).stream())
        .filter(run -> run.member(node).filter(Member::open).isPresent());
  }

  /** The runs that have not ended on a node. */
  public List<Run> runs(String node) {
    return open(node).toList();
  }

  /**
   * The longest lease of the runs that go on on a node and end without a renewal, in milliseconds;
   * empty where none does.
   */
  public OptionalLong longestLease(String node) {
    return open(node).flatMapToLong(run -> run.spec().lease().stopAfterMs().stream()).max();
  }

  /** How many runs a node's desired state speaks of. */
  public int runsOf(String node) {
    return ledger.of(node).size();
  }

  /** How often something of the book has changed. */
  public long version() {
    return stored.sequence();
  }

  /** Changes nothing and counts as a change; throws as one would. */
  public void probe() {
    stored.commit(List.of());
  }

  /**
   * Looks whether this book is still ours, and writes nothing: {@link #version} stays as it is.
   *
   * @throws BookException when another collector took it over
   */
  public void confirm() {
    stored.confirm();
  }

  /** Whether a node has yet to say that it knows what it is to do about a run. */
  public boolean untold(RunId id, String node) {
    return ledger.run(id).filter(run -> ledger.duty(run, node) != Ledger.Duty.NONE).isPresent();
  }

  /** Ends a run on a node that does not have it, and will never report its end. */
  public Optional<Run> declare(RunId id, String node, Outcome how) {
    return ledger.run(id).map(run -> apply(run, new Signal.Declared(node, how)));
  }

  /**
   * Ends every open run of a node without the node: it was declared lost, it rebooted, or its
   * journal is another. The node is told to stop them until it applied that.
   *
   * @return the runs that changed
   */
  public List<Run> declareEnded(String node, Outcome.Kind how) {
    Texts.node(node);
    Outcome outcome = Outcome.of(how);
    List<Run> changed = new ArrayList<>();
    List<RunId> ids = List.copyOf(ledger.of(node));
    for (int from = 0; from < ids.size(); from += MOST_DECLARED) {
      Draft draft = draft();
      for (RunId id : ids.subList(from, Math.min(from + MOST_DECLARED, ids.size()))) {
        ledger
            .run(id)
            .flatMap(run -> draft.apply(run, new Signal.Declared(node, outcome)))
            .ifPresent(changed::add);
      }
      commit(draft);
    }
    return changed;
  }

  /** All that a node is to do; the same until something of it changes. */
  public Desired desired(String node) {
    List<Assignment> assignments = new ArrayList<>();
    List<Desired.Stop> stops = new ArrayList<>();
    List<RunId> holds = new ArrayList<>();
    for (RunId id : ledger.of(node)) {
      Run run = ledger.run(id).orElseThrow();
      switch (ledger.duty(run, node)) {
        case RUN -> {
          run.assignment(node).ifPresent(assignments::add);
          if (run.awaitsGo()) {
            holds.add(id);
          }
        }
        case STOP -> stops.add(stop(run, node));
        case NONE -> throw new IllegalStateException("nothing to do for " + id.text());
      }
    }
    return new Desired(node, term(), generation(node), assignments, stops, holds);
  }

  private static Desired.Stop stop(Run run, String node) {
    Outcome.Kind why =
        run.stop()
            .map(StopOrder::why)
            .or(() -> run.member(node).flatMap(Member::outcome).map(Outcome::kind))
            .filter(kind -> !kind.detailed())
            .orElse(Outcome.Kind.STOPPED_BY_REQUEST);
    return new Desired.Stop(run.id(), why, run.spec().stopGraceMs());
  }

  /** The runs that are open on a node as far as it has told of them, and how they stand there. */
  public SortedMap<RunId, JobState> told(String node) {
    SortedMap<RunId, JobState> told = new TreeMap<>();
    for (RunId id : ledger.of(node)) {
      ledger
          .run(id)
          .flatMap(run -> run.member(node))
          .filter(member -> member.open() && member.state() != JobState.PLACED)
          .ifPresent(member -> told.put(id, member.state()));
    }
    return told;
  }

  /** Of the node's desired state. */
  public long generation(String node) {
    return generations.getOrDefault(node, opened);
  }

  /**
   * The node has this generation of its desired state durably.
   *
   * @return whether that can be; a generation that this book has not reached yet says that the
   *     store is an older copy, and is not noted
   */
  public boolean applied(String node, long generation) {
    Texts.node(node);
    if (generation > generation(node)) {
      return false;
    }
    if (generation > ledger.applied(node)) {
      noteApplied(node, generation);
    }
    return true;
  }

  private void noteApplied(String node, long generation) {
    Draft draft = draft();
    draft.put(Keys.applied(node), RunJson.of(generation));
    int before = ledger.of(node).size();
    commit(draft);
    ledger.applied(node, generation);
    if (ledger.of(node).size() != before) {
      generations.put(node, stored.sequence());
    }
  }

  /** The highest generation that the node is known to have; 0 before the first. */
  public long appliedGeneration(String node) {
    return ledger.applied(node);
  }

  /** The devices of open runs, and whose they are. */
  public Map<DeviceKey, RunId> taken() {
    return ledger.taken();
  }

  /** On which nodes each project has members of open runs, and how many; not of no project. */
  public Map<String, Map<String, Integer>> projects() {
    Map<String, Map<String, Integer>> projects = new HashMap<>();
    for (Run run : ledger.runs()) {
      if (run.ended().isEmpty() && !run.spec().project().isEmpty()) {
        Map<String, Integer> nodes =
            projects.computeIfAbsent(run.spec().project(), first -> new HashMap<>());
        run.members().stream()
            .filter(Member::open)
            .forEach(member -> nodes.merge(member.node(), 1, Integer::sum));
      }
    }
    return projects;
  }

  /** What waits for a place: higher priority first, then first in. */
  public List<Run> queued() {
    if (queuedAt != version()) {
      queuedAt = version();
      queued =
          ledger.runs().stream()
              .filter(run -> run.state() == JobState.QUEUED)
              .sorted(QUEUE)
              .toList();
    }
    return queued;
  }

  /** All runs, by name and number. */
  public List<Run> runs() {
    return List.copyOf(ledger.runs());
  }

  public Optional<Run> run(RunId id) {
    return ledger.run(id);
  }

  /** The runs of the same job before this one, by number. */
  public List<Run> before(RunId id) {
    return ledger.before(id);
  }

  /**
   * Forgets the oldest of the runs that ended before this and of which no node has anything to do,
   * as long as more than {@code keep} have ended; a few at a time. A job that is forgotten wholly
   * counts its runs anew, so this must not be nearer than nodes remember runs.
   *
   * @return how many were forgotten; call again until it is 0
   */
  public int forget(Instant before, int keep) {
    List<Run> ended = ledger.runs().stream().filter(run -> run.ended().isPresent()).toList();
    List<Run> due =
        ended.stream()
            .sorted(Comparator.comparing((Run run) -> run.ended().orElseThrow()))
            .limit(Math.max(0, ended.size() - keep))
            .filter(run -> run.ended().orElseThrow().isBefore(before))
            .filter(ledger::idle)
            .filter(run -> run.members().size() <= MOST_FORGOTTEN)
            .limit(MOST_FORGOTTEN)
            .toList();
    int forgotten = 0;
    Draft draft = draft();
    int size = 0;
    for (Run run : due) {
      size += run.members().size() + 3;
      if (forgotten > 0 && size > MOST_CHANGES) {
        break;
      }
      draft.forget(run);
      forgotten++;
    }
    commit(draft);
    due.subList(0, forgotten).forEach(ledger::forget);
    return forgotten;
  }

  /** The newest run of a job. */
  public Optional<Run> latest(String job) {
    return ledger.latest(job);
  }

  private Draft draft() {
    return new Draft(ledger, moment(), this::next);
  }

  private Moment moment() {
    return new Moment(
        clock.wall().truncatedTo(ChronoUnit.MILLIS), stored.sequence() + 1, term().generation());
  }

  private void commit(Draft draft) {
    if (draft.empty()) {
      return;
    }
    Optional<Run> first = draft.changed().stream().findFirst();
    stored.commit(draft.ops(), notes.flatMap(by -> first.map(by::of)));
    draft.changed().forEach(this::count);
    draft.changed().forEach(ledger::put);
    draft.touched().forEach(node -> generations.put(node, stored.sequence()));
  }

  private void count(Run after) {
    boolean open = ledger.run(after.id()).flatMap(Run::ended).isEmpty();
    after.outcome().filter(how -> open).ifPresent(how -> finished.merge(how.kind(), 1L, Long::sum));
  }

  /** Runs that ended since the book was opened, by how they did. */
  public Map<Outcome.Kind, Long> finished() {
    return Map.copyOf(finished);
  }
}
