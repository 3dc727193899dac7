package io.millwright.collector.audit;

import io.millwright.collector.store.StoreIdentity;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.vocabulary.LogHead;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongFunction;

/**
 * Whether this log is the one that somebody saw.
 *
 * @param store id of the store that the log is in
 * @param generation of the store
 * @param end number of the newest entry; 0 where there is none
 * @param begins by the store's generation, how many entries there were when it began
 * @param hashes of entries by their numbers; empty for one that is not there
 */
public record Testimony(
    UUID store,
    long generation,
    long end,
    NavigableMap<Long, Long> begins,
    LongFunction<Optional<String>> hashes) {
  public Testimony {
    begins = new TreeMap<>(begins);
  }

  /**
   * That of a store that nobody has open for it.
   *
   * @param all that stands below {@link AuditLog#ALL}
   */
  public static Testimony of(StoreIdentity store, List<Versioned> all) {
    Map<Long, String> hashes = new HashMap<>();
    long end = 0;
    for (Versioned one : all) {
      if (one.key().startsWith(AuditLog.ENTRIES)) {
        AuditEntry entry = AuditEntry.of(one.value());
        hashes.put(entry.sequence(), entry.hash());
        end = Math.max(end, entry.sequence());
      }
    }
    NavigableMap<Long, Long> begins =
        WitnessDesk.begins(
            all.stream().filter(one -> one.key().startsWith(WitnessDesk.GENERATIONS)).toList());
    begins.putIfAbsent(store.generation(), end); // restored, and not opened by a collector since
    return new Testimony(
        UUID.fromString(store.id()),
        store.generation(),
        end,
        begins,
        number -> Optional.ofNullable(hashes.get(number)));
  }

  /**
   * What was found, and one clause that says it.
   *
   * @param why behind "entry N of generation G"
   */
  public record Found(Verdict verdict, String why) {}

  /** What is found of a head. */
  public Found of(LogHead kept) {
    if (!kept.store().equals(store)) {
      return new Found(
          Verdict.OTHER_STORE, "is of the store %s, and this is %s".formatted(kept.store(), store));
    }
    if (kept.generation() > generation) {
      return new Found(
          Verdict.CONTRADICTS,
          "is of a later generation of the store than this one, which is of %d: this is an older copy"
              .formatted(generation));
    }
    long last = last(kept.generation());
    if (kept.sequence() <= last) {
      return hashes.apply(kept.sequence()).filter(kept.hash()::equals).isPresent()
          ? new Found(Verdict.AGREES, "is in the log")
          : otherHash(kept.generation());
    }
    return kept.generation() < generation
        ? new Found(
            Verdict.RESTORED,
            "was lost when the store was restored: the log of that generation ends with entry %d"
                .formatted(last))
        : new Found(
            Verdict.CONTRADICTS,
            "is not in the log, which ends with entry %d: its end was cut off, or this is an older copy"
                .formatted(last));
  }

  /** Where the log ended in a generation whose begin it has not cannot be known. */
  private Found otherHash(long of) {
    return of < generation && !begins.containsKey(of)
        ? new Found(
            Verdict.RESTORED,
            "was lost when the store was restored: the backup is of before that generation")
        : new Found(
            Verdict.CONTRADICTS, "is not in the log with that hash: the log was written anew");
  }

  /** The last entry that this log has of a generation. */
  private long last(long of) {
    var next = begins.higherEntry(of);
    return next == null ? end : next.getValue();
  }
}
