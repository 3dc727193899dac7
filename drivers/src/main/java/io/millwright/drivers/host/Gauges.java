package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Attributes of devices that come and go. They are looked for every so many rounds, and when one of
 * them is no longer there; the set of series has changed when others were found.
 */
final class Gauges implements Section {

  /** One attribute, the series it gives, and what its content means. */
  record Gauge(Series series, Attribute attribute, Function<Attribute, Reading> meaning) {
    Reading read() {
      return meaning.apply(attribute);
    }
  }

  private final Cadence cadence;
  private final int roundsASearch;
  private final int limit;
  private final Drops drops;
  private final Supplier<List<Gauge>> search;
  private List<Gauge> gauges = List.of();
  private List<Reading> values = List.of();
  private int roundsLeft;
  private int first;
  private Set<Series> leftOut = Set.of();

  /**
   * @param roundsASearch look for devices every so many rounds
   * @param limit series at most
   * @param drops told of those beyond the limit, once for each time that one comes
   */
  Gauges(Cadence cadence, int roundsASearch, int limit, Drops drops, Supplier<List<Gauge>> search) {
    this.cadence = cadence;
    this.roundsASearch = roundsASearch;
    this.limit = limit;
    this.drops = drops;
    this.search = search;
  }

  @Override
  public Cadence cadence() {
    return cadence;
  }

  @Override
  public boolean load() {
    boolean changed = --roundsLeft <= 0 && searched();
    values = gauges.stream().map(Gauge::read).toList();
    if (values.contains(new Reading.Unavailable(Fault.NOT_FOUND))) {
      roundsLeft = 0;
    }
    return changed;
  }

  private boolean searched() {
    roundsLeft = roundsASearch;
    List<Gauge> found = bounded(search.get());
    boolean changed = !series(found).equals(series(gauges));
    gauges = found;
    return changed;
  }

  /** No more than the limit, and each series once: hardware is known to give two of one name. */
  private List<Gauge> bounded(List<Gauge> found) {
    List<Gauge> kept = new ArrayList<>();
    Set<Series> seen = new HashSet<>();
    Set<Series> beyond = new HashSet<>();
    for (Gauge gauge : found) {
      if (!seen.add(gauge.series())) {
        continue;
      }
      if (kept.size() < limit) {
        kept.add(gauge);
      } else {
        beyond.add(gauge.series());
      }
    }
    beyond.stream()
        .filter(series -> !leftOut.contains(series))
        .forEach(series -> drops.add(series.metric(), 1));
    leftOut = beyond;
    return kept;
  }

  private static List<Series> series(List<Gauge> gauges) {
    return gauges.stream().map(Gauge::series).toList();
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    for (int i = 0; i < gauges.size(); i++) {
      int index = table.add(cadence, gauges.get(i).series());
      first = i == 0 ? index : first;
    }
  }

  @Override
  public Round write(Readings readings) {
    boolean answered = false;
    boolean failed = false;
    for (int i = 0; i < values.size(); i++) {
      answered |= values.get(i) instanceof Reading.Measured;
      failed |= values.get(i) instanceof Reading.Unavailable;
      write(first + i, values.get(i), readings);
    }
    if (answered) {
      return Round.ANSWERED;
    }
    return failed ? Round.FAILED : Round.ABSENT;
  }

  private static void write(int index, Reading value, Readings readings) {
    switch (value) {
      case Reading.Measured(double measured) -> readings.measured(index, measured);
      case Reading.Unsupported() -> readings.unsupported(index);
      case Reading.Unavailable(Fault fault) -> readings.unavailable(index, fault);
    }
  }
}
