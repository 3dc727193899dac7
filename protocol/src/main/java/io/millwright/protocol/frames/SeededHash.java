package io.millwright.protocol.frames;

import java.security.SecureRandom;

/**
 * A hash of 64 bits that nobody foresees who does not know the seed: those who write labels can
 * make as many as they like of one {@link String#hashCode}. Immutable.
 */
final class SeededHash {
  private final long seed = new SecureRandom().nextLong() | 1;

  long of(String text) {
    long hash = seed;
    for (int i = 0; i < text.length(); i++) {
      hash = mixed(hash, text.charAt(i));
    }
    return hash;
  }

  /** Of all that is in it. */
  long of(SchemaShape shape) {
    long hash = seed;
    for (SchemaFamily family : shape.families()) {
      hash = mixed(mixed(hash, family.code()), family.labels());
    }
    SchemaColumns columns = shape.columns();
    for (int i = 0; i < columns.size(); i++) {
      hash = mixed(mixed(hash, columns.family(i)), columns.scale(i));
      hash = mixed(mixed(hash, columns.simulated(i) ? 1 : 0), columns.labels(i));
      for (int label = 0; label < columns.labels(i); label++) {
        hash = mixed(hash, columns.label(i, label));
      }
    }
    return hash;
  }

  private long mixed(long hash, long next) {
    long product = (hash ^ next) * seed;
    return product ^ (product >>> 29);
  }
}
