package io.millwright.collector.recovery;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Reconciled;
import io.millwright.collector.jobs.Remembered;
import io.millwright.collector.jobs.Report;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.recovery.RecoveryNote.Phase;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that is older than what the nodes know: restored from a backup, or a copy of a running
 * one that was put back, as a machine's snapshot is. Until every node has said what it holds and
 * remembers nothing is placed and nothing is stopped; then the book is brought to what they said.
 *
 * <p><i>Lifecycle:</i> {@link #open} takes up what the store notes. <i>Threading:</i> the thread
 * {@code control}. <i>Failure:</i> as the audit log's, the book's and the store's; what was not
 * kept has not happened and is tried again at the next turn or session.
 */
public final class RecoveryDesk implements Recovering {
  /** Nodes that the book does not know have as long to come back. */
  public static final Duration USUAL = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(RecoveryDesk.class);
  private static final String BY = "recovery";
  private static final int LONGEST_REASON = 256;

  private final AuditLog audit;
  private final JobBook book;
  private final Duration least;
  private final Clock clock;
  private final Map<String, Answer> answers = new HashMap<>();
  private final Set<String> disbelieved = new HashSet<>();
  private final long openedAt;

  /** What nodes obeyed that had this store found older: it is not doubted for the same again. */
  private final Map<String, Term> newer = new HashMap<>();

  /** Nodes that were lost at the end of a recovery, and have not come back. */
  private final Set<String> gone = new HashSet<>();

  private Optional<RecoveryNote> note;
  private long begunNanos;
  private Set<String> speaking = Set.of();
  private RecoveryState state = RecoveryState.NONE;
  private long changes;
  private long stateAt = -1;
  private long stateOf = -1;

  /** What a node said, by its journal. */
  private record Answer(String journal, Map<RunId, Remembered> runs) {}

  private RecoveryDesk(
      AuditLog audit, JobBook book, Optional<RecoveryNote> note, Duration least, Clock clock) {
    this.audit = audit;
    this.book = book;
    this.openedAt = book.openedAt(); // what this very collector queues is beyond it
    this.note = note;
    this.least = least;
    this.clock = clock;
    this.begunNanos = clock.nanos();
  }

  /**
   * Takes up what the store notes; the first opening of a restored one is written to the audit log.
   *
   * @param least how long a recovery lasts from the start of the collector on, at the least
   */
  public static RecoveryDesk open(
      StateStore store, AuditLog audit, JobBook book, Duration least, Clock clock) {
    Optional<RecoveryNote> note =
        store.get(RecoveryNote.KEY).map(stored -> RecoveryNote.of(stored.value()));
    RecoveryDesk desk = new RecoveryDesk(audit, book, note, least, clock);
    note.filter(found -> found.phase() == Phase.RESTORED)
        .ifPresent(found ->
            desk.commit(found.in(Phase.RECOVERING), "recovery.begin", "restored", found.why()));
    desk.note
        .filter(now -> now.phase() == Phase.RECOVERING)
        .ifPresent(now -> {
          book.doubt(OptionalLong.of(now.mark()));
          LOG.warn("recovering: no job is placed or stopped until nodes have told: {}", now.why());
        });
    return desk;
  }

  private void commit(RecoveryNote next, String what, String after, String reason) {
    audit.commit(List.of(next.put()), List.of(draft(BY, what, "store", after, reason)));
    note = Optional.of(next);
    changes++;
  }

  private static AuditDraft draft(
      String by, String what, String subject, String after, String reason) {
    return new AuditDraft(by, what, subject, "", after, reason);
  }

  private boolean in(Phase phase) {
    return note.filter(now -> now.phase() == phase).isPresent();
  }

  @Override
  public boolean active() {
    return in(Phase.RECOVERING);
  }

  // ---- what nodes say

  @Override
  public void met(String node, JournalHead journal) {
    Answer before = answers.get(node);
    if (before != null && !before.journal().equals(journal.id().toString())) {
      answers.remove(node); // another past
      changes++;
    }
    Optional<String> why = older(node, journal);
    if (why.isPresent()) {
      boolean known = journal.term().equals(newer.put(node, journal.term()));
      boolean declared =
          gone.remove(node) || note.filter(now -> now.lost().contains(node)).isPresent();
      if (!active() && !known && !declared) {
        begin(why.get());
      }
    }
  }

  /** Why this store must be older than what a node has obeyed; empty where it need not. */
  private Optional<String> older(String node, JournalHead journal) {
    Term theirs = journal.term();
    Term ours = book.term();
    if (theirs.contradicts(ours)) {
      return Optional.of(
          "node %s obeys another collector of the same term %s: two run over copies of one store"
              .formatted(node, words(ours)));
    }
    if (theirs.compareTo(ours) > 0) {
      return Optional.of(
          "node %s obeys term %s and this collector has %s: the store is an older copy, or another collector runs"
              .formatted(node, words(theirs), words(ours)));
    }
    return journal.generation() > book.generation(node)
        ? Optional.of(
            "node %s has desired state %d and this collector has come to %d: the store is an older copy"
                .formatted(node, journal.generation(), book.generation(node)))
        : Optional.empty();
  }

  private static String words(Term term) {
    return term.generation() + "." + term.number();
  }

  private void begin(String why) {
    LOG.error(
        "{}; no job is placed or stopped until all nodes have told; nodes that obey a newer term or have a newer desired state refuse this collector until 'collector restore --generation' with a higher one",
        why);
    long mark = Math.max(openedAt, note.map(RecoveryNote::mark).orElse(0L));
    Set<String> lost = note.map(RecoveryNote::lost).orElse(Set.of());
    Instant now = clock.wall();
    book.renew(); // before the note: should that fail, nothing is lost but a generation
    commit(
        new RecoveryNote(Phase.RECOVERING, now, why, mark, lost), "recovery.begin", "older", why);
    begunNanos = clock.nanos();
    book.doubt(OptionalLong.of(mark));
  }

  @Override
  public void answered(String node, String journal, AppliedBody body) {
    if (!active()) {
      return;
    }
    Optional<String> impossible = impossible(body.held());
    if (impossible.isPresent()) {
      if (disbelieved.add(node)) {
        LOG.error(
            "the answer of node {} is not used, and it is still waited for: {}; mend its agent, or declare it lost",
            node,
            impossible.get());
      }
      answers.remove(node);
      changes++;
      return;
    }
    Map<RunId, Remembered> runs = new HashMap<>();
    Map<RunId, JobState> states = new HashMap<>();
    for (AppliedBody.Result result : body.results()) {
      states.put(result.run(), result.state());
      if (result.state() == JobState.ENDED) {
        runs.put(result.run(), Remembered.ended(result.outcome()));
      }
    }
    for (AppliedBody.Held held : body.held()) {
      JobState there = states.getOrDefault(held.run(), JobState.ACCEPTED);
      JobState open = there == JobState.ENDED ? JobState.ACCEPTED : there;
      runs.put(held.run(), new Remembered(open, Optional.empty(), held.devices(), held.channel()));
    }
    book.seen(runs.keySet());
    forgetEnded(runs);
    answers.put(node, new Answer(journal, runs));
    changes++;
  }

  /** Why no node can hold this; what were adopted of it would make the book unreadable. */
  private static Optional<String> impossible(List<AppliedBody.Held> held) {
    List<String> uuids = held.stream().flatMap(run -> run.devices().stream()).toList();
    try {
      new DeviceSet(DeviceKind.GPU, uuids); // each once, over all of its runs
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of("held: " + e.getMessage());
    }
  }

  @Override
  public void reported(String node, List<Report> news) {
    Answer answer = answers.get(node);
    if (!active() || answer == null) {
      return;
    }
    for (Report report : news) {
      Remembered before = answer.runs().get(report.run());
      List<String> devices = before == null ? List.of() : before.devices();
      Optional<ImexChannel> channel = before == null ? Optional.empty() : before.channel();
      answer
          .runs()
          .put(
              report.run(),
              report.state() == JobState.ENDED
                  ? Remembered.ended(report.outcome())
                  : new Remembered(report.state(), Optional.empty(), devices, channel));
    }
    forgetEnded(answer.runs());
    changes++;
  }

  /** Of what has ended there only that matters of which the book does not know it. */
  private void forgetEnded(Map<RunId, Remembered> runs) {
    runs.entrySet()
        .removeIf(run -> run.getValue().state() == JobState.ENDED && !open(run.getKey()));
  }

  private boolean open(RunId id) {
    return book.run(id).filter(run -> run.ended().isEmpty()).isPresent();
  }

  // ---- what is not done

  @Override
  public Optional<String> withheld(Run queued) {
    if (active()) {
      return state().sentence();
    }
    return note.filter(now -> queued.ticket() <= now.mark())
        .map(now ->
            "held: it was queued in a store that was older than its nodes, and may have been cancelled since; cancel it, or have an admin release all with 'millwright recovery release'");
  }

  // ---- its end

  @Override
  public void turn(Set<String> connected) {
    if (!connected.equals(speaking)) {
      speaking = Set.copyOf(connected);
      changes++;
    }
    boolean lasted = clock.nanos() - begunNanos >= least.toNanos();
    if (active() && lasted && waitingFor().isEmpty()) {
      end(note.orElseThrow());
    }
  }

  private Set<String> waitingFor() {
    Set<String> waiting = new TreeSet<>(book.concerned());
    waiting.addAll(speaking);
    waiting.removeAll(answers.keySet());
    note.ifPresent(now -> waiting.removeAll(now.lost()));
    return waiting;
  }

  /** Each step may be done again after a crash; the note is last. */
  private void end(RecoveryNote now) {
    Map<String, Map<RunId, Remembered>> remembered = new HashMap<>();
    answers.forEach((node, answer) -> remembered.put(node, answer.runs()));
    Reconciled done = book.reconcile(remembered, now.lost(), now.mark());
    book.renew();
    String words = done.words() + ", " + held(now).size() + " held in the queue";
    if (held(now).isEmpty()) {
      audit.commit(
          List.of(new Op.Delete(RecoveryNote.KEY)),
          List.of(draft(BY, "recovery.end", "store", words, now.why())));
      note = Optional.empty();
    } else {
      commit(now.in(Phase.HOLDING), "recovery.end", words, now.why());
    }
    book.doubt(OptionalLong.empty());
    List<RecoveryState.Stranger> strangers = strangers();
    if (!strangers.isEmpty()) {
      LOG.warn("runs go on that this collector does not know and cannot stop: {}", strangers);
    }
    answers.clear();
    disbelieved.clear();
    gone.addAll(now.lost());
    changes++;
    LOG.info("recovered: {}", words);
  }

  private List<RunId> held(RecoveryNote now) {
    return book.queued().stream().filter(run -> run.ticket() <= now.mark()).map(Run::id).toList();
  }

  // ---- asked for by people

  /** Does not wait for a node any more: its runs end as lost when the recovery ends. */
  public Ruling<RecoveryState> lost(String node, String by, String reason) {
    require(reason);
    if (!active()) {
      return new Ruling.Refused<>(
          "No recovery waits for nodes; GET /v1/recovery tells how it stands.");
    }
    if (!waitingFor().contains(node)) {
      return new Ruling.Unknown<>(
          "The recovery does not wait for node %s; GET /v1/recovery lists those that it waits for."
              .formatted(Shown.quoted(node)));
    }
    RecoveryNote next = note.orElseThrow().without(node);
    audit.commit(List.of(next.put()), List.of(draft(by, "recovery.lost", node, "lost", reason)));
    note = Optional.of(next);
    changes++;
    return new Ruling.Done<>(state());
  }

  /** Lets the runs that were queued in the older store go on. */
  public Ruling<RecoveryState> release(String by, String reason) {
    require(reason);
    if (!in(Phase.HOLDING)) {
      return new Ruling.Refused<>(
          active()
              ? "The recovery goes on; runs are released when it has ended."
              : "No run is held; GET /v1/recovery tells how it stands.");
    }
    int runs = held(note.orElseThrow()).size();
    audit.commit(
        List.of(new Op.Delete(RecoveryNote.KEY)),
        List.of(draft(by, "recovery.release", "queue", runs + " runs", reason)));
    note = Optional.empty();
    changes++;
    book.probe(); // the queue is looked at anew
    return new Ruling.Done<>(state());
  }

  private static void require(String reason) {
    if (reason.isBlank()
        || reason.length() > LONGEST_REASON
        || reason.chars().anyMatch(Character::isISOControl)) {
      throw JsonMistake.refused(
          "reason",
          Shown.quoted(reason),
          "1 to %d characters, none of them a control character".formatted(LONGEST_REASON));
    }
  }

  @Override
  public RecoveryState state() {
    if (stateAt != changes || stateOf != book.version()) {
      stateAt = changes;
      stateOf = book.version();
      state = note.map(this::state).orElse(RecoveryState.NONE);
    }
    return state;
  }

  private RecoveryState state(RecoveryNote now) {
    return new RecoveryState(
        active() ? RecoveryState.Phase.RECOVERING : RecoveryState.Phase.HOLDING,
        Optional.of(now.since()),
        now.why(),
        active() ? List.copyOf(waitingFor()) : List.of(),
        answers.size(),
        List.copyOf(new TreeSet<>(now.lost())),
        active() ? List.of() : held(now),
        strangers());
  }

  private List<RecoveryState.Stranger> strangers() {
    List<RecoveryState.Stranger> strangers = new ArrayList<>();
    answers.forEach((node, answer) ->
        answer
            .runs()
            .forEach((id, there) -> {
              if (there.state() != JobState.ENDED && !open(id)) {
                strangers.add(new RecoveryState.Stranger(node, id));
              }
            }));
    strangers.sort((a, b) ->
        a.run().equals(b.run()) ? a.node().compareTo(b.node()) : a.run().compareTo(b.run()));
    return strangers;
  }
}
