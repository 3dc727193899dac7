package io.millwright.collector.remotewrite;

import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SeriesSchema;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The labels of one chain of late samples, made when the first of it is sent.
 *
 * <p><i>Threading:</i> the thread {@code remote-write}, but for the constructor.
 */
final class LateLabels {
  private final SeriesSchema schema;
  private final Map<String, String> external;
  private List<byte[]> encoded = List.of();

  /**
   * @param external labels of the site, which give way to those of a series
   */
  LateLabels(SeriesSchema schema, Map<String, String> external) {
    this.schema = schema;
    this.external = external;
  }

  /**
   * Takes the samples of a row.
   *
   * @param live labels of the same node, which are shared where they are the same
   */
  void take(Row row, Optional<Labels> live, long wallMs, NodeExport.Taker taker) {
    if (encoded.isEmpty()) {
      encoded = Labels.encoded(schema.size(), schema::series, external);
      encoded = live.map(known -> known.share(encoded)).orElse(encoded);
    }
    for (int i = 0; i < encoded.size(); i++) {
      byte[] labels = encoded.get(i);
      if (labels.length > 0 && row.present(i)) {
        taker.take(labels, Double.doubleToRawLongBits(row.value(i)), wallMs);
      }
    }
  }
}
