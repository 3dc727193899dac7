package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.Metric;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Rows of one set of series as codes: the first with all its values, each further one with what
 * changed since the one before; what stands in KEY and DELTA behind their heads, and in what a
 * collector keeps of the last minutes.
 *
 * <p><i>Threading:</i> one owner thread. <i>Failure:</i> none; it allocates nothing once its buffer
 * has grown.
 */
public final class RowEncoder {
  private static final int FIRST_CAPACITY = 128;

  private final byte[] scales;
  private final Row last;
  private final WireOutput own = new WireOutput(FIRST_CAPACITY);

  RowEncoder(byte[] scales) {
    this.scales = scales;
    this.last = new Row(scales.length);
  }

  /** Of so many series of these families, at the scales of the catalogue. */
  public static RowEncoder of(List<Metric> series) {
    return new RowEncoder(scales(series));
  }

  static byte[] scales(List<Metric> series) {
    byte[] scales = new byte[series.size()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (byte) DecimalScale.of(series.get(i));
    }
    return scales;
  }

  /** All values of a row, whatever was before; the bytes are valid until the next call. */
  public ByteBuffer all(Row row) {
    own.cut(0);
    all(0, scales.length, row, own);
    return own.written();
  }

  /** What of a row differs from the one before; the bytes are valid until the next call. */
  public ByteBuffer changes(Row row) {
    own.cut(0);
    changes(0, scales.length, row, own);
    return own.written();
  }

  void all(int start, int end, Row row, WireOutput out) {
    for (int i = start; i < end; i++) {
      last.clear(i);
      value(i, row, out);
    }
  }

  void changes(int start, int end, Row row, WireOutput out) {
    int bitmap = out.zeros(SampleCode.bitmapBytes(end - start));
    for (int i = start; i < end; i++) {
      if (!last.same(i, row)) {
        out.setBit(bitmap, i - start);
        value(i, row, out);
      }
    }
  }

  private void value(int index, Row row, WireOutput out) {
    int scale = scales[index];
    double value = row.value(index);
    if (!row.present(index)) {
      out.varint(SampleCode.ABSENT);
    } else if (DecimalScale.exact(value, scale)) {
      out.varint(SampleCode.ofStep(DecimalScale.nearest(value, scale) - base(index)));
    } else {
      out.varint(SampleCode.RAW);
      out.f64(value);
    }
    last.take(index, row);
  }

  private long base(int index) {
    return last.present(index) ? DecimalScale.base(last.value(index), scales[index]) : 0;
  }
}
