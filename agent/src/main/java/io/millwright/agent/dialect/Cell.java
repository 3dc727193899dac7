package io.millwright.agent.dialect;

import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.List;
import java.util.Optional;

/** One family's line of one device. The thread that renders owns it. */
sealed interface Cell {

  /** NaN where there is nothing to show. */
  double value(List<Sample> snapshot);

  /** The labels from brace to brace and a blank, for the value that was asked for last. */
  byte[] labels();

  /** A value of this moment. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  record Reckoned(
      byte[] labels,
      PlacedSum sum,
      Optional<PlacedSum> over,
      Optional<Place> with,
      Optional<Place> without)
      implements Cell {
    @Override
    public double value(List<Sample> snapshot) {
      if ((with.isPresent() && !with.get().measured(snapshot))
          || (without.isPresent() && without.get().measured(snapshot))) {
        return Double.NaN;
      }
      double value = sum.value(snapshot);
      if (over.isEmpty()) {
        return value;
      }
      double divisor = over.get().value(snapshot);
      return divisor == 0 ? Double.NaN : value / divisor;
    }
  }

  /** What a counter grew by since the page before, a second. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  record Growing(byte[] labels, PlacedSum sum, Growth growth) implements Cell {
    @Override
    public double value(List<Sample> snapshot) {
      return growth.rate(sum.value(snapshot), sum.readAtNanos(snapshot));
    }
  }

  /** A value that is known before the snapshot is. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  record Fixed(byte[] labels, double fixed) implements Cell {
    @Override
    public double value(List<Sample> snapshot) {
      return fixed;
    }
  }

  /** The part of all processors' time that a sum of counters grew by since the page before. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  record Share(byte[] labels, PlacedSum seconds, Place processors, Growth growth) implements Cell {
    @Override
    public double value(List<Sample> snapshot) {
      double rate = growth.rate(seconds.value(snapshot), seconds.readAtNanos(snapshot));
      return processors.measured(snapshot)
          ? Math.min(1, rate / processors.value(snapshot))
          : Double.NaN;
    }
  }

  /** What counters grew by since each was first seen, added up. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  record Grown(byte[] labels, List<Place> places, List<Series> series, Tally tally)
      implements Cell {
    @Override
    public double value(List<Sample> snapshot) {
      boolean any = false;
      for (int i = 0; i < places.size(); i++) {
        if (places.get(i).measured(snapshot)) {
          tally.now(series.get(i), places.get(i).value(snapshot));
          any = true;
        }
      }
      return any ? tally.total() : Double.NaN;
    }
  }

  /** The number of the newest error. */
  final class Newest implements Cell {
    private final List<Code> codes;
    private final byte[] noneLabels;
    private byte[] labels;

    /**
     * One code that a device is watched for.
     *
     * @param total counts its events; 0 while there was none
     * @param last time of the newest, measured once there was one
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Code(int number, byte[] labels, Place total, Optional<Place> last) {}

    Newest(List<Code> codes, byte[] noneLabels) {
      this.codes = List.copyOf(codes);
      this.noneLabels = noneLabels;
      this.labels = noneLabels;
    }

    @Override
    public double value(List<Sample> snapshot) {
      double newest = Double.NEGATIVE_INFINITY;
      double number = Double.NaN;
      labels = noneLabels;
      for (int i = 0; i < codes.size(); i++) {
        Code code = codes.get(i);
        if (Double.isNaN(number) && code.total().measured(snapshot)) {
          number = 0;
        }
        if (code.last().isPresent() && code.last().get().measured(snapshot)) {
          double at = code.last().get().value(snapshot);
          if (at > newest) {
            newest = at;
            number = code.number();
            labels = code.labels();
          }
        }
      }
      return number;
    }

    @Override
    public byte[] labels() {
      return labels;
    }
  }
}
