package io.millwright.agent.jobs;

import io.millwright.agent.jobs.Applied.Verdict;
import io.millwright.agent.jobs.Journal.Written;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.Units;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the collector's wishes in: all of one wish is on the disk, or nothing of it is taken but
 * its stops. Owned by the thread {@code jobs}.
 */
final class Intake {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final long LEAST_FREE_BYTES = 16L << 20;
  private static final int MOST_UNACKNOWLEDGED = 10_000;

  private final String node;
  private final Ledger ledger;
  private final Foreman foreman;
  private final Units units;
  private final OrderShelf orders;
  private final Supplier<Execution> execution;
  private final DeviceGate gate;
  private final Clock clock;

  Intake(
      String node,
      Ledger ledger,
      Foreman foreman,
      Units units,
      OrderShelf orders,
      Supplier<Execution> execution,
      DeviceGate gate,
      Clock clock) {
    this.node = node;
    this.ledger = ledger;
    this.foreman = foreman;
    this.units = units;
    this.orders = orders;
    this.execution = execution;
    this.gate = gate;
    this.clock = clock;
  }

  Applied apply(Desired desired) {
    Book book = ledger.book();
    Optional<String> fenced = Fence.refusal(book.term(), book.generation(), desired);
    if (fenced.isPresent()) {
      return refused(Verdict.FENCED, fenced.get());
    }
    Optional<String> trouble;
    try {
      trouble = trouble(desired);
      if (trouble.isEmpty()) {
        shelve(desired); // before the runs, which begin with them
        trouble = write(desired);
      }
    } finally {
      stop(desired); // a stop waits for nothing that the rest may run into
    }
    if (trouble.isPresent()) {
      return refused(desired, trouble.get());
    }
    proceed(desired);
    letGo(desired);
    return answer(desired);
  }

  /** Not of a job that is another than the one that is here as that run. */
  private void shelve(Desired desired) {
    for (Assignment assignment : desired.assignments()) {
      if (ledger.book().run(assignment.id()).isEmpty() || conflict(assignment).isEmpty()) {
        Optional.ofNullable(desired.orders().get(assignment.id()))
            .ifPresent(order -> orders.put(assignment.id(), order));
      }
    }
  }

  private Applied refused(Verdict verdict, String sentence) {
    Book book = ledger.book();
    return new Applied(
        verdict, book.term(), book.generation(), Optional.of(sentence), List.of(), held(book));
  }

  /** Nothing of it was written but its stops. */
  private Applied refused(Desired desired, String sentence) {
    Book book = ledger.book();
    return new Applied(
        Verdict.REFUSED,
        book.term(),
        book.generation(),
        Optional.of(sentence),
        desired.recall() ? remembered(book) : List.of(),
        held(book));
  }

  /** What is open, and what would be after a restart. */
  private List<Applied.Held> held(Book book) {
    Set<RunId> unwritten = ledger.unwritten();
    return book.runs().stream()
        .filter(run -> run.open() || unwritten.contains(run.id()))
        .map(Applied.Held::of)
        .toList();
  }

  /** What forbids new runs; a wish without any is taken all the same. */
  private Optional<String> trouble(Desired desired) {
    boolean news =
        desired.assignments().stream().anyMatch(a -> ledger.book().run(a.id()).isEmpty());
    return news ? ledger.trouble().or(this::room) : Optional.empty();
  }

  private Optional<String> room() {
    if (ledger.book().unacknowledged().size() > MOST_UNACKNOWLEDGED) {
      return Optional.of("no new job is taken: the collector acknowledges no report");
    }
    try {
      long usable = ledger.journal().usableBytes();
      return usable >= LEAST_FREE_BYTES
          ? Optional.empty()
          : Optional.of(
              "no new job is taken: the disk of the journal has %d bytes left, needed are %d"
                  .formatted(usable, LEAST_FREE_BYTES));
    } catch (IOException e) {
      return Optional.of("no new job is taken: the disk of the journal does not answer: " + e);
    }
  }

  private Optional<String> write(Desired desired) {
    Book book = ledger.book();
    boolean repeated =
        desired.term().equals(book.term()) && desired.generation() == book.generation();
    List<Entry> entries = repeated ? new ArrayList<>() : entries(desired);
    if (entries.isEmpty()) {
      return Optional.empty();
    }
    return switch (ledger.promise(entries)) {
      case Written.Done() -> Optional.empty();
      case Written.Full(String why) -> Optional.of(why);
      case Written.Quarantined(String why) -> Optional.of(why);
    };
  }

  private List<Entry> entries(Desired desired) {
    List<Entry> entries = new ArrayList<>();
    Set<RunId> stopped = new HashSet<>(ledger.book().tombstones().keySet());
    for (Stop stop : desired.stops()) {
      if (ledger.book().run(stop.run()).isEmpty() && stopped.add(stop.run())) {
        entries.add(new Entry.Tombstoned(stop.run(), now()));
      }
    }
    Batch batch = new Batch(stopped);
    desired.assignments().forEach(assignment -> batch.add(assignment, entries));
    entries.add(new Entry.Marked(desired.term(), desired.generation()));
    return entries;
  }

  /** The new runs of one wish, which also may not contradict each other. */
  private final class Batch {
    private final Set<RunId> stopped;
    private final Set<RunId> seen = new HashSet<>();
    private final Map<String, RunId> taken = new HashMap<>();
    private long sequence = ledger.nextSequence();

    Batch(Set<RunId> stopped) {
      this.stopped = stopped;
    }

    void add(Assignment assignment, List<Entry> entries) {
      RunId id = assignment.id();
      if (ledger.book().run(id).isPresent() || !seen.add(id)) {
        return;
      }
      Optional<String> refusal = refusal(assignment);
      entries.add(
          new Entry.Accepted(
              id,
              EntryJson.fingerprint(assignment),
              refusal.isEmpty() ? Optional.of(assignment) : Optional.empty(),
              assignment.devices().uuids(),
              units.bootId(),
              now()));
      entries.add(
          new Entry.Moved(
              id,
              refusal.isEmpty() ? JobState.ACCEPTED : JobState.ENDED,
              refusal.map(Outcome::refused),
              Usage.NONE,
              "",
              sequence++,
              now()));
      if (refusal.isEmpty()) {
        assignment.devices().uuids().forEach(device -> taken.put(device, id));
      }
    }

    /** What cannot even be judged is refused, and takes nothing else of the wish with it. */
    private Optional<String> refusal(Assignment assignment) {
      try {
        return judged(assignment);
      } catch (RuntimeException e) {
        LOG.error("a job cannot be judged run={}", assignment.id().text(), e);
        return Optional.of("it cannot be judged on this node: " + e);
      }
    }

    private Optional<String> judged(Assignment assignment) {
      if (stopped.contains(assignment.id())) {
        return Optional.of("its stop came before it");
      }
      if (!assignment.node().equals(node)) {
        return Optional.of("node: '%s' is refused; this is %s".formatted(assignment.node(), node));
      }
      return switch (execution.get()) {
        case Execution.Off(String why) -> Optional.of(why);
        case Execution.On(Policy policy) ->
            policy
                .check(assignment)
                .or(() -> units.refusal(assignment, policy))
                .or(() -> crowded(policy))
                .or(() -> overlap(assignment))
                .or(() -> gate.refusal(assignment.devices()));
      };
    }

    private Optional<String> crowded(Policy policy) {
      long open = ledger.book().runs().stream().filter(Run::open).count() + seen.size() - 1;
      return open < policy.limits().runs()
          ? Optional.empty()
          : Optional.of(
              "runs: %d are open; allowed by this node's policy are %d"
                  .formatted(open, policy.limits().runs()));
    }

    private Optional<String> overlap(Assignment assignment) {
      for (String device : assignment.devices().uuids()) {
        Optional<RunId> holder =
            Optional.ofNullable(taken.get(device))
                .or(() -> ledger.book().holder(device).map(Run::id));
        if (holder.isPresent()) {
          return Optional.of(
              "devices: '%s' is held by run %s; wait for its end"
                  .formatted(device, holder.get().text()));
        }
      }
      return Optional.empty();
    }
  }

  private void stop(Desired desired) {
    desired.stops().forEach(foreman::stop);
  }

  /** Also wakes what an earlier agent had accepted and not begun. */
  private void proceed(Desired desired) {
    Set<RunId> stopped = new HashSet<>();
    desired.stops().forEach(stop -> stopped.add(stop.run()));
    for (Assignment assignment : desired.assignments()) {
      if (!stopped.contains(assignment.id()) && conflict(assignment).isEmpty()) {
        foreman.named(assignment.id(), desired.holds().contains(assignment.id()));
      }
    }
  }

  /**
   * Nobody begins any more what an older store had placed and a newer one does not know; what has
   * begun goes on. A state that asks to recall names nothing, and says nothing of that.
   */
  private void letGo(Desired desired) {
    if (!desired.full() || desired.recall()) {
      return;
    }
    Set<RunId> named = new HashSet<>();
    desired.assignments().forEach(assignment -> named.add(assignment.id()));
    for (Run run : List.copyOf(ledger.book().runs())) {
      boolean older =
          run.assignment()
              .filter(placed -> placed.term().generation() < desired.term().generation())
              .isPresent();
      boolean waits = run.state() == JobState.ACCEPTED || run.state() == JobState.READY;
      if (older && waits && !named.contains(run.id())) {
        foreman.signal(
            run.id(), new Signal.Refused("it had not begun, and the restored store has it not"));
      }
    }
  }

  /** Has no result of a run whose latest state a restart would forget; its report says it later. */
  private Applied answer(Desired desired) {
    Book book = ledger.book();
    Set<RunId> unwritten = ledger.unwritten();
    return new Applied(
        Verdict.WRITTEN,
        book.term(),
        book.generation(),
        Optional.empty(),
        desired.recall()
            ? remembered(book)
            : desired.assignments().stream()
                .filter(assignment -> !unwritten.contains(assignment.id()))
                .map(this::result)
                .toList(),
        held(book));
  }

  /**
   * All that the book knows and the disk has, the open runs and then the newest first, for what
   * does not fit is left out at the end; a run whose stop came before it has ended by it.
   */
  private List<Applied.Result> remembered(Book book) {
    record Dated(long atMs, Applied.Result result) {}
    List<Dated> all = new ArrayList<>();
    Set<RunId> unwritten = ledger.unwritten();
    book.runs().stream()
        .filter(run -> !unwritten.contains(run.id()))
        .forEach(run -> all.add(new Dated(run.changedMs(), standing(run.id()))));
    book.tombstones()
        .forEach((id, atMs) -> {
          if (book.run(id).isEmpty()) {
            Outcome stopped = Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST);
            all.add(new Dated(atMs, new Applied.Result(id, JobState.ENDED, Optional.of(stopped))));
          }
        });
    return all.stream()
        .sorted(
            Comparator.comparing((Dated one) -> one.result().state() == JobState.ENDED)
                .thenComparing(Comparator.comparingLong(Dated::atMs).reversed()))
        .map(Dated::result)
        .toList();
  }

  private Applied.Result result(Assignment assignment) {
    return conflict(assignment)
        .map(why ->
            new Applied.Result(assignment.id(), JobState.ENDED, Optional.of(Outcome.refused(why))))
        .orElseGet(() -> standing(assignment.id()));
  }

  private Applied.Result standing(RunId id) {
    Run run = ledger.book().run(id).orElseThrow();
    return new Applied.Result(id, run.state(), run.open() ? Optional.empty() : run.outcome());
  }

  /** Why the run of that name here is not the one that is wanted. */
  private Optional<String> conflict(Assignment assignment) {
    Optional<Run> here = ledger.book().run(assignment.id());
    if (here.isEmpty()) {
      return Optional.of("this generation did not name it before");
    }
    return !here.get().tracked()
            || here.get().fingerprint().equals(EntryJson.fingerprint(assignment))
        ? Optional.empty()
        : Optional.of("another job is known here as run " + assignment.id().text());
  }

  private long now() {
    return clock.wall().toEpochMilli();
  }
}
