package io.millwright.collector.ingest;

import io.millwright.collector.late.LateSink;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.SampleDecoder;
import io.millwright.protocol.frames.SeriesSchema;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The late samples of one schema. While none comes, the KEY from which they go on stands for the
 * row, at a quarter of its size: when a collector of ten thousand nodes starts anew, all of them
 * have late samples, some for a moment only. On the thread {@code ingest}.
 */
final class LateChain {
  private final SeriesSchema schema;
  private final LateSink.Chain sink;
  private @Nullable SampleDecoder decoder;
  private Optional<Frame.Key> resting = Optional.empty();

  LateChain(SeriesSchema schema, LateSink.Chain sink) {
    this.schema = schema;
    this.sink = sink;
  }

  SeriesSchema schema() {
    return schema;
  }

  LateSink.Chain sink() {
    return sink;
  }

  /** The chain with its last sample; good until it rests. */
  SampleDecoder decoder() {
    SampleDecoder known = decoder;
    if (known == null) {
      known = new SampleDecoder(schema);
      resting.ifPresent(known::apply);
      resting = Optional.empty();
      decoder = known;
    }
    return known;
  }

  /** No frame has come for a while. */
  void rest() {
    if (decoder != null) {
      resting = decoder.key();
      if (resting.isPresent()) {
        decoder = null;
      }
    }
  }
}
