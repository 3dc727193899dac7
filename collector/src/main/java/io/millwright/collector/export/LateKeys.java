package io.millwright.collector.export;

import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import java.util.List;
import java.util.Optional;

/**
 * The keys of one chain of late samples, made when the first of it is sent.
 *
 * <p><i>Threading:</i> the thread of the exporter, but for the constructor.
 */
final class LateKeys {
  private final SeriesSchema schema;
  private final Encoding encoding;
  private List<byte[]> keys = List.of();

  LateKeys(SeriesSchema schema, Encoding encoding) {
    this.schema = schema;
    this.encoding = encoding;
  }

  /**
   * Takes the samples of a row. Since when a counter of it has counted nobody knows: what was sent
   * of it before, and whether it began anew in between, cannot be told from here.
   *
   * @param live keys of the same node, which are shared where they are the same
   */
  void take(Row row, Optional<SeriesKeys> live, long wallMs, NodeExport.Taker taker) {
    if (keys.isEmpty()) {
      keys = SeriesKeys.of(schema.size(), schema::series, encoding);
      keys = live.map(known -> known.share(keys)).orElse(keys);
    }
    for (int i = 0; i < keys.size(); i++) {
      byte[] key = keys.get(i);
      if (key.length > 0 && row.present(i)) {
        taker.take(new Point(key, Double.doubleToRawLongBits(row.value(i)), wallMs, 0));
      }
    }
  }
}
