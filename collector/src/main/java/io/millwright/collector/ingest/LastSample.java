package io.millwright.collector.ingest;

import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.MalformedFrame;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SampleDecoder;
import io.millwright.protocol.frames.SampleResult;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.function.Consumer;

/**
 * The last live sample of a session, in place: ten thousand nodes would otherwise leave a hundred
 * megabytes behind in each second. A sample that is one frame is decoded where it is shown, for it
 * is whole or malformed; one of several frames is copied once it is whole.
 *
 * <p><i>Threading:</i> the thread {@code ingest} writes, any reads. One of another thread that
 * wants several values of one moment holds the lock for as long as it copies them.
 */
final class LastSample implements Readout {
  private final SeriesTable table;
  private final KnownPlaces places;
  private final SampleDecoder decoder;
  private final boolean inPlace;
  private final Row row;
  private long takenNanos;

  LastSample(SeriesTable table, KnownPlaces places, SampleDecoder decoder) {
    this.table = table;
    this.places = places;
    this.decoder = decoder;
    this.inPlace = decoder.schema().blocks() == 1;
    this.row = inPlace ? decoder.row() : new Row(decoder.schema().size());
  }

  /** Decodes the next frame of the chain, which came now. One that is malformed shows nothing. */
  synchronized SampleResult apply(Frame.Key key, long nowNanos) {
    return shown(decoder.apply(key), nowNanos);
  }

  /** The same. */
  synchronized SampleResult apply(Frame.Delta delta, long nowNanos) {
    return shown(decoder.apply(delta), nowNanos);
  }

  private SampleResult shown(SampleResult result, long nowNanos) {
    if (result instanceof SampleResult.Complete) {
      if (!inPlace) {
        row.take(decoder.row());
      }
      takenNanos = nowNanos;
    } else if (inPlace && result instanceof MalformedFrame) {
      row.clear();
    }
    return result;
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
