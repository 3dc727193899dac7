package io.millwright.collector.operations;

import java.util.Locale;
import java.util.OptionalLong;

/**
 * A person's will about a node; it stands until a person takes it back.
 *
 * @param deadlineMs of a drain: when runs that are left are stopped; empty where they may take
 *     their time
 */
public record Order(
    String node, Kind kind, String by, String reason, long atMs, OptionalLong deadlineMs) {

  /** How far it goes. */
  public enum Kind {
    /** No new work; what runs goes on. */
    CORDON,
    /** No new work, and what runs comes to its end. */
    DRAIN;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** For the audit log, as in {@code drain by anna: new pumps}. */
  String words() {
    return "%s by %s: %s%s"
        .formatted(
            kind.word(),
            by,
            reason,
            deadlineMs.isPresent() ? ", until " + Times.words(deadlineMs.getAsLong()) : "");
  }
}
