package io.millwright.collector.ingest;

import io.millwright.protocol.frames.Row;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.function.Consumer;

/**
 * The last sample of a session, in place: ten thousand nodes would otherwise leave a hundred
 * megabytes behind in each second.
 *
 * <p><i>Threading:</i> the thread {@code ingest} writes, any reads. One of another thread that
 * wants several values of one moment holds the lock for as long as it copies them.
 */
final class LastSample implements Readout {
  private final SeriesTable table;
  private final KnownPlaces places;
  private final Row row;
  private long takenNanos;

  LastSample(SeriesTable table, KnownPlaces places, int rowSize) {
    this.table = table;
    this.places = places;
    this.row = new Row(rowSize);
  }

  /** The row as a sample that arrived now. */
  synchronized void take(Row newer, long nowNanos) {
    row.take(newer);
    takenNanos = nowNanos;
  }

  @Override
  public SeriesTable table() {
    return table;
  }

  @Override
  public boolean measured(int index) {
    return row.present(places.at(index));
  }

  @Override
  public double value(int index) {
    return row.value(places.at(index));
  }

  @Override
  public synchronized Reading reading(int index) {
    return measured(index) ? new Reading.Measured(value(index)) : new Reading.Unsupported();
  }

  @Override
  public synchronized long takenNanos() {
    return takenNanos;
  }

  @Override
  public synchronized void atOneMoment(Consumer<Readout> look) {
    look.accept(this);
  }

  @Override
  public synchronized Sample sample() {
    Readings copy = new Readings(table);
    copy.at(takenNanos);
    for (int i = 0; i < table.size(); i++) {
      if (measured(i)) {
        copy.measured(i, value(i));
      } else {
        copy.unsupported(i);
      }
    }
    return copy.sample();
  }
}
