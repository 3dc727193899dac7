package io.millwright.collector.audit;

import io.millwright.collector.store.Versioned;
import java.util.List;
import java.util.Optional;

/**
 * Whether the log is the one that was written. A log whose end was cut off together with its head
 * is whole in itself: who kept an earlier head finds that out, and nobody else can.
 */
public final class AuditChain {
  private AuditChain() {}

  /** What was found. */
  public sealed interface Finding {
    /** Each entry is there and is what was written. */
    record Whole(AuditHead head) implements Finding {}

    /**
     * It was changed.
     *
     * @param sentence where and how
     */
    record Broken(String sentence) implements Finding {}
  }

  /**
   * Follows the chain from its first entry to its head.
   *
   * @param entries all that stands below {@link AuditLog#ENTRIES}, in the order of the keys
   * @param head what stands below {@link AuditLog#HEAD}
   * @param kept a head that somebody kept; the chain must go through it
   */
  public static Finding follow(
      List<Versioned> entries, Optional<Versioned> head, Optional<AuditHead> kept) {
    long sequence = 0;
    String previous = AuditEntry.NONE;
    boolean through = kept.isEmpty() || kept.get().sequence() == 0;
    for (Versioned stored : entries) {
      sequence++;
      Optional<String> wrong = wrong(stored, sequence, previous);
      if (wrong.isPresent()) {
        return new Finding.Broken(wrong.get());
      }
      previous = AuditEntry.of(stored.value()).hash();
      through |= kept.isPresent() && kept.get().equals(new AuditHead(sequence, previous));
    }
    AuditHead end = new AuditHead(sequence, previous);
    if (!head.map(stored -> stored.value().equals(end.json())).orElse(sequence == 0)) {
      return new Finding.Broken(
          "the head of the log is not that of entry %d, the last that is there: entries were cut off or added"
              .formatted(sequence));
    }
    return through
        ? new Finding.Whole(end)
        : new Finding.Broken(
            "entry %d with the hash that was kept is not in the log: it was written anew or cut off"
                .formatted(kept.get().sequence()));
  }

  private static Optional<String> wrong(Versioned stored, long sequence, String previous) {
    AuditEntry entry;
    try {
      entry = AuditEntry.of(stored.value());
    } catch (IllegalArgumentException e) {
      return Optional.of("entry %d cannot be read: %s".formatted(sequence, e.getMessage()));
    }
    if (entry.sequence() != sequence || !stored.key().equals(AuditLog.key(sequence))) {
      return Optional.of(
          "entry %d is missing: number %d stands in its place"
              .formatted(sequence, entry.sequence()));
    }
    if (!entry.previous().equals(previous)) {
      return Optional.of(
          "entry %d does not follow the one before it: one of them was changed"
              .formatted(sequence));
    }
    return entry.whole()
        ? Optional.empty()
        : Optional.of(
            "entry %d was changed: its hash is not that of its words".formatted(sequence));
  }
}
