package io.millwright.protocol.vocabulary;

import java.util.ArrayList;
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
    this.series = List.copyOf(series);
    this.cadences = List.copyOf(cadences);
  }

  public static Builder builder() {
    return new Builder();
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

    private Builder() {}

    public int add(Cadence cadence, Series next) {
      series.add(next);
      cadences.add(cadence);
      return series.size() - 1;
    }

    public SeriesTable build() {
      return new SeriesTable(series, cadences);
    }
  }
}
