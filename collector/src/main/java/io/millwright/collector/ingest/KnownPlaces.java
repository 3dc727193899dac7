package io.millwright.collector.ingest;

import io.millwright.protocol.frames.SeriesSchema;
import java.util.stream.IntStream;

/** Where in a schema the series stand whose family is known: all, where its agent is no newer. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record KnownPlaces(int size, int[] some) {
  private static final int[] ALL = {};

  static KnownPlaces of(SeriesSchema schema) {
    int[] known =
        IntStream.range(0, schema.size()).filter(i -> schema.metric(i).isPresent()).toArray();
    return new KnownPlaces(known.length, known.length == schema.size() ? ALL : known);
  }

  /** The place of the series that is known as this one, from 0. */
  int at(int index) {
    return some.length == 0 ? index : some[index];
  }
}
