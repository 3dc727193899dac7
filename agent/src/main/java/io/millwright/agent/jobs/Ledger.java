package io.millwright.agent.jobs;

import io.millwright.agent.jobs.Journal.Written;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The book and the journal behind it. What the disk does not take for now is kept and written first
 * when it does; what was not written is told to nobody. Owned by the thread {@code jobs}.
 */
final class Ledger {
  private final Book book;
  private final Journal journal;
  private final List<Entry> backlog = new ArrayList<>();
  private long told;

  Ledger(Book book, Journal journal) {
    this.book = book;
    this.journal = journal;
    this.told = book.sequence();
  }

  Book book() {
    return book;
  }

  Journal journal() {
    return journal;
  }

  /** The number of the next status; 0 in quarantine, when none is told. */
  long nextSequence() {
    return journal.quarantine().isPresent() ? 0 : book.sequence() + 1;
  }

  /** Takes entries in only when they are on the disk. */
  Written promise(List<Entry> entries) {
    Written flushed = flush();
    if (!(flushed instanceof Written.Done)) {
      return flushed;
    }
    Written written = journal.append(entries);
    if (written instanceof Written.Done) {
      entries.forEach(book::apply);
      settle();
    }
    return written;
  }

  /** Takes in what has happened, whether or not the disk takes it now. */
  Written happened(List<Entry> entries) {
    Written written = promise(entries);
    switch (written) {
      case Written.Done() -> {}
      case Written.Full _ -> {
        backlog.addAll(entries);
        entries.forEach(book::apply);
      }
      case Written.Quarantined _ -> entries.forEach(entry -> book.apply(unnumbered(entry)));
    }
    return written;
  }

  /** No more than was told can be acknowledged. */
  void acknowledged(long sequence) {
    happened(List.of(new Entry.Acknowledged(Math.min(sequence, told))));
  }

  /** Tries once more to write what could not be. */
  Written flush() {
    if (backlog.isEmpty()) {
      return journal
          .quarantine()
          .<Written>map(Written.Quarantined::new)
          .orElseGet(Written.Done::new);
    }
    Written written = journal.append(backlog);
    if (!(written instanceof Written.Full)) {
      backlog.clear();
    }
    if (written instanceof Written.Done) {
      settle();
    }
    return written;
  }

  private void settle() {
    told = book.sequence();
    journal.compact(book::snapshot);
  }

  /** What the collector is to be told and has not acknowledged; only what is on the disk. */
  List<Status> unacknowledged() {
    return book.unacknowledged().stream().filter(status -> status.sequence() <= told).toList();
  }

  /** Why nothing can be promised now; empty when it can. */
  Optional<String> trouble() {
    return switch (flush()) {
      case Written.Done() -> Optional.empty();
      case Written.Full(String sentence) -> Optional.of(sentence);
      case Written.Quarantined(String sentence) -> Optional.of(sentence);
    };
  }

  /** The runs of which something waits for the disk; in quarantine nothing waits. */
  Set<RunId> unwritten() {
    return backlog.isEmpty()
        ? Set.of()
        : book.unacknowledged().stream()
            .filter(status -> status.sequence() > told)
            .map(Status::run)
            .collect(Collectors.toSet());
  }

  private static Entry unnumbered(Entry entry) {
    return entry instanceof Entry.Moved moved
        ? new Entry.Moved(
            moved.run(),
            moved.state(),
            moved.outcome(),
            moved.usage(),
            moved.detail(),
            0,
            moved.atMs())
        : entry;
  }
}
