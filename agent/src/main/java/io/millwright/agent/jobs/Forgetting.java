package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the book need not hold any longer: old, acknowledged, or too many. Pure. */
final class Forgetting {
  static final int MOST_ENDED = 1024;
  static final int MOST_TOMBSTONES = 4096;
  private static final Duration ENDED = Duration.ofDays(7);
  private static final Duration TOMBSTONE = Duration.ofDays(30);

  private Forgetting() {}

  static List<Entry> due(Book book, long nowMs) {
    List<Entry> due = new ArrayList<>();
    ended(book, nowMs).forEach(run -> due.add(new Entry.Dropped(run)));
    tombstones(book, nowMs).forEach(run -> due.add(new Entry.Weathered(run)));
    return due;
  }

  private static List<RunId> ended(Book book, long nowMs) {
    Set<RunId> untold = new HashSet<>();
    book.unacknowledged().forEach(status -> untold.add(status.run()));
    List<Run> candidates =
        book.runs().stream()
            .filter(run -> !run.open() && !untold.contains(run.id()))
            .sorted(Comparator.comparingLong(Run::changedMs))
            .toList();
    int tooMany = Math.max(0, candidates.size() - MOST_ENDED);
    List<RunId> due = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      if (i < tooMany || nowMs - candidates.get(i).changedMs() > ENDED.toMillis()) {
        due.add(candidates.get(i).id());
      }
    }
    return due;
  }

  private static List<RunId> tombstones(Book book, long nowMs) {
    List<RunId> due = new ArrayList<>();
    int tooMany = book.tombstones().size() - MOST_TOMBSTONES;
    for (Map.Entry<RunId, Long> tombstone : book.tombstones().entrySet()) {
      if (due.size() < tooMany || nowMs - tombstone.getValue() > TOMBSTONE.toMillis()) {
        due.add(tombstone.getKey());
      }
    }
    return due;
  }
}
