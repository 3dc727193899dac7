package io.millwright.agent.spool;

import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.SampleDecoder;
import io.millwright.protocol.frames.SampleEncoder;
import io.millwright.protocol.frames.SampleResult;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.Side;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes chains of samples that stand alone: SCHEMA and KEY, then what has changed, so that a second
 * takes a third of the bytes or less. One owner thread.
 */
final class ChainEncoder {
  private final FrameWriter writer = new FrameWriter(8192);
  private final FrameReader reader = new FrameReader(Side.AGENT);
  private @Nullable Coding coding;
  private Position last = Position.NONE;
  private int length;

  /** What one schema of one incarnation needs. */
  private record Coding(
      SeriesSchema schema, Frame.Schema frame, SampleDecoder decoder, SampleEncoder encoder) {
    static Coding of(KeptSample sample) {
      SeriesSchema schema = sample.schema();
      return new Coding(
          schema,
          schema.frame(),
          new SampleDecoder(schema),
          new SampleEncoder(schema, sample.at().incarnation()));
    }
  }

  ChainEncoder() {
    reader.open();
  }

  /** The next sample begins a chain. */
  void restart() {
    length = 0;
  }

  /**
   * The frames of the next sample, marked as backfill: SCHEMA and KEY where a chain begins, DELTA
   * else.
   *
   * @throws IllegalArgumentException where the sample's frames are no KEY of its schema
   */
  byte[] encode(KeptSample sample) {
    Coding known = coding;
    if (known == null
        || !known.schema().equals(sample.schema())
        || last.incarnation() != sample.at().incarnation()) {
      known = Coding.of(sample);
      coding = known;
      length = 0;
    }
    if (sample.at().sequence() <= last.sequence() || length == SampleEncoder.KEY_EVERY) {
      length = 0;
    }
    decode(sample, known.decoder());
    writer.clear();
    if (length == 0) {
      writer.write(known.frame());
      known.encoder().restart();
    }
    known
        .encoder()
        .encode(sample.at().sequence(), known.decoder().taken(), known.decoder().row(), writer);
    last = sample.at();
    length++;
    return writer.backfill();
  }

  private void decode(KeptSample sample, SampleDecoder decoder) {
    ByteBuffer frames = sample.frames().buffer();
    SampleResult result = new SampleResult.NeedsKey("no frame");
    while (frames.hasRemaining()) {
      if (!(reader.next(frames) instanceof Frame.Key key)) {
        throw new IllegalArgumentException("sample %s is no KEY".formatted(sample.at()));
      }
      result = decoder.apply(key);
    }
    if (!(result instanceof SampleResult.Complete)) {
      throw new IllegalArgumentException("sample %s: %s".formatted(sample.at(), result));
    }
  }
}
