package io.millwright.collector.ingest;

import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.vocabulary.Series;
import java.lang.ref.WeakReference;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.stream.IntStream;

/**
 * The series of some places of a schema, made when one is asked for and let go of again: they take
 * a hundred bytes each, the schema twenty, and after a session has begun they are seldom asked for.
 *
 * <p><i>Threading:</i> any; two may make them at once.
 */
final class SchemaSeries extends AbstractList<Series> implements RandomAccess {
  private final SeriesSchema schema;
  private final KnownPlaces places;
  private volatile WeakReference<List<Series>> made = new WeakReference<>(List.of());

  /**
   * @param places whose family is known
   */
  SchemaSeries(SeriesSchema schema, KnownPlaces places) {
    this.schema = schema;
    this.places = places;
  }

  @Override
  public Series get(int index) {
    List<Series> all = made.get();
    if (all == null || all.isEmpty()) {
      all =
          IntStream.range(0, places.size())
              .mapToObj(i -> schema.series(places.at(i)).orElseThrow())
              .toList();
      made = new WeakReference<>(all);
    }
    return all.get(index);
  }

  @Override
  public int size() {
    return places.size();
  }
}
