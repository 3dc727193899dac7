package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.SeriesTable;

/**
 * One place where the host tells something, and the series that come of it. A round is {@link
 * #load}, then {@link #declare} if any section's set of series has changed, then {@link #write}.
 */
interface Section extends AutoCloseable {

  /** What a round came to. */
  enum Round {
    ANSWERED,
    /** This host does not have it; no trouble. */
    ABSENT,
    FAILED
  }

  Cadence cadence();

  /** Reads, and remembers what was read; true when the set of series has changed. */
  boolean load();

  /** Adds the series of what was loaded last. */
  void declare(SeriesTable.Builder table);

  /** Writes what was loaded last to the series that were declared last. */
  Round write(Readings readings);

  @Override
  default void close() {}
}
