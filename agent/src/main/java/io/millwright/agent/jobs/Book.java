package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the entries of a journal add up to. Pure folding; owned by the thread {@code jobs}. What it
 * {@link #snapshot} says folds to the same book.
 */
final class Book {
  private final Map<RunId, Run> runs = new LinkedHashMap<>();
  private final Map<RunId, Long> tombstones = new LinkedHashMap<>();
  private final TreeMap<Long, Status> unacknowledged = new TreeMap<>();
  private Term term = Term.NONE;
  private long generation;
  private long sequence;

  Term term() {
    return term;
  }

  long generation() {
    return generation;
  }

  /** The number of the latest status. */
  long sequence() {
    return sequence;
  }

  Collection<Run> runs() {
    return runs.values();
  }

  Optional<Run> run(RunId id) {
    return Optional.ofNullable(runs.get(id));
  }

  Map<RunId, Long> tombstones() {
    return tombstones;
  }

  List<Status> unacknowledged() {
    return List.copyOf(unacknowledged.values());
  }

  /** The open run that holds a device. */
  Optional<Run> holder(String device) {
    return runs.values().stream()
        .filter(run -> run.open() && run.devices().contains(device))
        .findFirst();
  }

  /** Takes one entry in; {@link IllegalStateException} for one that contradicts the book. */
  void apply(Entry entry) {
    switch (entry) {
      case Entry.Marked(Term higher, long next) -> {
        term = higher;
        generation = next;
      }
      case Entry.Accepted accepted -> add(Run.accepted(accepted));
      case Entry.Found found -> add(Run.found(found));
      case Entry.Moved moved -> move(moved);
      case Entry.Noted noted -> runs.put(noted.run(), known(noted.run()).noted(noted));
      case Entry.Checked(RunId run, List<CheckResult> results) ->
          runs.put(run, known(run).checked(results));
      case Entry.Tombstoned(RunId run, long atMs) -> tombstones.put(run, atMs);
      case Entry.Acknowledged(long upTo) -> unacknowledged.headMap(upTo, true).clear();
      case Entry.Dropped(RunId run) -> runs.remove(run);
      case Entry.Weathered(RunId run) -> tombstones.remove(run);
      case Entry.Pending(Status status) -> unacknowledged.put(status.sequence(), status);
      case Entry.Numbered(long last) -> sequence = last;
    }
  }

  private void add(Run run) {
    if (runs.putIfAbsent(run.id(), run) != null) {
      throw new IllegalStateException("run " + run.id().text() + " is in the book twice");
    }
  }

  private Run known(RunId id) {
    return run(id)
        .orElseThrow(() -> new IllegalStateException("run " + id.text() + " is not in the book"));
  }

  private void move(Entry.Moved moved) {
    Run run = known(moved.run());
    if (!run.open() && moved.state() != JobState.ENDED) {
      throw new IllegalStateException("run " + run.id().text() + " had ended");
    }
    runs.put(run.id(), run.moved(moved));
    if (moved.sequence() > 0) {
      sequence = moved.sequence();
      unacknowledged.put(sequence, status(moved));
    }
  }

  /** The outcome is news only once it is final. */
  static Status status(Entry.Moved moved) {
    Optional<Outcome> outcome =
        moved.state() == JobState.ENDED ? moved.outcome() : Optional.empty();
    return new Status(
        moved.sequence(), moved.run(), moved.state(), outcome, moved.usage(), moved.detail());
  }

  /** The shortest entries that fold to this book. */
  List<Entry> snapshot() {
    List<Entry> entries = new ArrayList<>();
    entries.add(new Entry.Marked(term, generation));
    runs.values().forEach(run -> entries.addAll(entries(run)));
    tombstones.forEach((run, atMs) -> entries.add(new Entry.Tombstoned(run, atMs)));
    unacknowledged.values().forEach(status -> entries.add(new Entry.Pending(status)));
    entries.add(new Entry.Numbered(sequence));
    return entries;
  }

  private static List<Entry> entries(Run run) {
    Entry taken =
        run.tracked()
            ? new Entry.Accepted(
                run.id(),
                run.fingerprint(),
                run.assignment(),
                run.devices(),
                run.bootId(),
                run.changedMs())
            : new Entry.Found(
                run.id(), run.devices(), run.channel(), run.bootId(), run.changedMs());
    List<Entry> entries = new ArrayList<>();
    entries.add(taken);
    entries.add(new Entry.Noted(run.id(), run.process(), run.meters(), run.graceMs()));
    if (!run.checks().isEmpty()) {
      entries.add(new Entry.Checked(run.id(), run.checks()));
    }
    entries.add(
        new Entry.Moved(
            run.id(), run.state(), run.outcome(), run.usage(), run.detail(), 0, run.changedMs()));
    return entries;
  }
}
