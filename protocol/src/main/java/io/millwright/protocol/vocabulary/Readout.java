package io.millwright.protocol.vocabulary;

import java.util.function.Consumer;

/**
 * The last readings of a source: a {@link Sample}, which never changes, or values that go on
 * changing under whoever looks.
 *
 * <p>Of the latter each answer is of its own moment; who wants several of one moment asks for a
 * {@link #sample}.
 */
public interface Readout {
  SeriesTable table();

  boolean measured(int index);

  /**
   * The value in base units; meaningless unless {@link #measured}. Where values change, it is of
   * another moment than the answer of {@link #measured}: use {@link #reading} or {@link
   * #atOneMoment}.
   */
  double value(int index);

  /** The value as the edges see it; whether there is one, and which, are of one moment. */
  Reading reading(int index);

  /** Monotonic time of the source at which a reading was taken last; 0 before the first. */
  long takenNanos();

  /** Shows readings of one moment, which stay so until {@code look} returns; it must not wait. */
  void atOneMoment(Consumer<Readout> look);

  /** A copy of all readings as of one moment. */
  Sample sample();
}
