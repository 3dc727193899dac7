package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.Metric;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Reads what {@link RowEncoder} wrote: after each call its row is bit by bit what the encoder was
 * given.
 *
 * <p><i>Threading:</i> one owner thread. <i>Failure:</i> {@link IllegalArgumentException} for bytes
 * that are no codes; the row may then be half of one.
 */
public final class RowDecoder {
  private final byte[] scales;
  private final Row row;

  RowDecoder(byte[] scales) {
    this.scales = scales;
    this.row = new Row(scales.length);
  }

  /** Of the families that the encoder was made of. */
  public static RowDecoder of(List<Metric> series) {
    return new RowDecoder(RowEncoder.scales(series));
  }

  /** The values of the last row; changed by the next. */
  public Row row() {
    return row;
  }

  /** The next row of the buffer, which has all its values. */
  public void all(ByteBuffer bytes) {
    all(0, scales.length, new WireInput(bytes));
  }

  /** The next row of the buffer, as what changed since the one before. */
  public void changes(ByteBuffer bytes) {
    changes(0, scales.length, new WireInput(bytes));
  }

  void all(int start, int end, WireInput in) {
    for (int i = start; i < end; i++) {
      value(i, 0, in);
    }
  }

  void changes(int start, int end, WireInput in) {
    ByteBuffer bitmap = in.slice("bitmap", SampleCode.bitmapBytes(end - start));
    for (int first = start; bitmap.hasRemaining(); first += Byte.SIZE) {
      int bits = Byte.toUnsignedInt(bitmap.get());
      if (end - first < Byte.SIZE && bits >>> (end - first) != 0) {
        throw Bounds.refused("bitmap", "a bit behind the last series", "none there");
      }
      for (; bits != 0; bits &= bits - 1) {
        int index = first + Integer.numberOfTrailingZeros(bits);
        value(index, base(index), in);
      }
    }
  }

  private long base(int index) {
    return row.present(index) ? DecimalScale.base(row.value(index), scales[index]) : 0;
  }

  /** Never absent on the way from one value to the next: another thread may look. */
  private void value(int index, long base, WireInput in) {
    long code = in.varint("value");
    if (code == SampleCode.ABSENT) {
      row.clear(index);
    } else if (code == SampleCode.RAW) {
      row.set(index, in.f64("raw value"));
    } else {
      row.set(index, stepped(index, base, code));
    }
  }

  private double stepped(int index, long base, long code) {
    long scaled = base + SampleCode.step(code);
    if (!SampleCode.possible(code) || !DecimalScale.within(scaled)) {
      throw Bounds.refused("value", Long.toUnsignedString(code), "a step within 2^53");
    }
    return DecimalScale.value(scaled, scales[index]);
  }
}
