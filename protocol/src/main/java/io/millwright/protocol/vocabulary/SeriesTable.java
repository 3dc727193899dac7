package io.millwright.protocol.vocabulary;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The fixed, ordered set of series that one source reads. Immutable: where the set changes (a file
 * system is mounted, a new error code is seen) the source makes a new table. Readers cache what
 * they derive from a table by its identity.
 */
public final class SeriesTable {
  private final List<Series> series;
  private final List<Cadence> cadences;

  private SeriesTable(List<Series> series, List<Cadence> cadences) {
    this.series = series;
    this.cadences = cadences;
  }

  /**
   * A table of one cadence whose series are made when they are asked for.
   *
   * @param series never changes; what it answers for one index is always equal
   */
  public static SeriesTable of(Cadence cadence, List<Series> series) {
    return new SeriesTable(series, Collections.nCopies(series.size(), cadence));
  }

  /** Of all families. */
  public static Builder builder() {
    return builder(Metric.Tier.OPTIONAL);
  }

  /** Of the families up to this tier; a reader asks {@link Builder#wants} before it adds others. */
  public static Builder builder(Metric.Tier most) {
    return new Builder(most);
  }

  /** Of the families up to this tier, behind the series of another table. */
  public static Builder builder(Metric.Tier most, SeriesTable first) {
    Builder builder = new Builder(most);
    builder.series.addAll(first.series);
    builder.cadences.addAll(first.cadences);
    return builder;
  }

  public int size() {
    return series.size();
  }

  public Series series(int index) {
    return series.get(index);
  }

  public Cadence cadence(int index) {
    return cadences.get(index);
  }

  /** Collects series; each {@code add} returns the index to write readings at. */
  public static final class Builder {
    private final List<Series> series = new ArrayList<>();
    private final List<Cadence> cadences = new ArrayList<>();

    private final Metric.Tier most;

    private Builder(Metric.Tier most) {
      this.most = most;
    }

    /** Whether the site wants this family; what it does not want is never asked of a driver. */
    public boolean wants(Metric metric) {
      return metric.tier().compareTo(most) <= 0;
    }

    /**
     * One more series, which the reader has found to be wanted.
     *
     * @throws IllegalArgumentException for a family that {@link #wants} does not name
     */
    public int add(Cadence cadence, Series next) {
      if (!wants(next.metric())) {
        throw new IllegalArgumentException(
            next.metric() + " is of tier " + next.metric().tier() + ", the table ends at " + most);
      }
      series.add(next);
      cadences.add(cadence);
      return series.size() - 1;
    }

    /** Series so far: the index of the next one. */
    public int size() {
      return series.size();
    }

    public SeriesTable build() {
      return new SeriesTable(List.copyOf(series), List.copyOf(cadences));
    }
  }
}
