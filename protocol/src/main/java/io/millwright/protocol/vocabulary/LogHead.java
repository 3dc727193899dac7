package io.millwright.protocol.vocabulary;

import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Where an audit log ended at a time: who kept it finds out whether the log was cut or written anew
 * since.
 *
 * @param store id of the store that the log is in; a copy of it has the same
 * @param generation of that store, from 1; a restore makes the next
 * @param sequence number of the newest entry, from 1
 * @param hash of that entry: SHA-256 in 64 hexadecimal digits, the lower case
 */
public record LogHead(UUID store, long generation, long sequence, String hash) {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  public LogHead {
    if (generation < 1) {
      throw new IllegalArgumentException(
          "generation: '%d' is refused; allowed is a number from 1".formatted(generation));
    }
    if (sequence < 1) {
      throw new IllegalArgumentException(
          "sequence: '%d' is refused; allowed is a number from 1".formatted(sequence));
    }
    if (!HASH.matcher(hash).matches()) {
      throw new IllegalArgumentException(
          "hash: what was given is refused; allowed are 64 hexadecimal digits");
    }
  }

  /** Whether it is of a later time than this one of the same store. */
  public boolean isBehind(LogHead other) {
    return generation > other.generation
        || (generation == other.generation && sequence > other.sequence);
  }

  /** As in {@code entry 17 of generation 1}. */
  public String words() {
    return "entry %d of generation %d".formatted(sequence, generation);
  }
}
