package io.millwright.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SampleDecoder;
import io.millwright.protocol.frames.SampleEncoder;
import io.millwright.protocol.frames.SampleResult;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Samples whose values follow from their positions, so that a wrong one is seen. */
final class Numbered {
  private static final int SERIES = 40;

  private Numbered() {}

  /** The schemas that a node may have one after the other. */
  static SeriesSchema schema(int kind) {
    return SeriesSchema.of(
        IntStream.range(0, SERIES + kind)
            .mapToObj(i -> Series.of(Metric.NODE_NETWORK_RECEIVE_BYTES_TOTAL, "n1", "eth" + i))
            .toList());
  }

  private static double value(Position at, int series) {
    return switch (series % 4) {
      case 0 -> (double) (at.sequence() * 1000 + series);
      case 1 -> Math.sin((double) at.sequence() * series);
      case 2 -> (double) at.incarnation();
      default -> (double) (at.sequence() / 10 * series);
    };
  }

  private static Row row(Position at, int size) {
    Row row = new Row(size);
    for (int i = 0; i < size; i++) {
      if ((at.sequence() + i) % 7 != 0) {
        row.set(i, value(at, i));
      }
    }
    return row;
  }

  static KeptSample sample(Position at, SeriesSchema schema) {
    FrameWriter writer = new FrameWriter(4096);
    new SampleEncoder(schema, at.incarnation())
        .encode(
            at.sequence(),
            new Moment(at.sequence() * 1000, at.sequence()),
            row(at, schema.size()),
            writer);
    return new KeptSample(at, at.sequence() * 1000, schema, Payload.of(writer.backfill()));
  }

  static KeptSample sample(long incarnation, long sequence) {
    return sample(new Position(incarnation, sequence), schema(0));
  }

  /** What a collector makes of the frames, in the order in which they come. */
  static final class Collector {
    private final FrameReader reader = new FrameReader(Side.AGENT);
    private @Nullable SampleDecoder decoder;

    Collector() {
      reader.open();
    }

    /** Takes one; fails where it is not exactly the sample of its position. */
    void take(Spooled sample) {
      if (sample.beginsChain()) {
        Frame.Schema told = (Frame.Schema) read(sample.schemaFrame().buffer());
        assertThat(told.backfill()).isTrue();
        decoder = new SampleDecoder((SeriesSchema) SeriesSchema.decode(told));
      }
      SampleDecoder known = decoder;
      assertThat(known).as("a chain begins with its schema").isNotNull();
      if (known == null) {
        return;
      }
      ByteBuffer frames = sample.frames().buffer();
      SampleResult result =
          switch (read(frames)) {
            case Frame.Key key when key.backfill() -> known.apply(key);
            case Frame.Delta delta when delta.backfill() -> known.apply(delta);
            default -> throw new AssertionError("no sample of the spool");
          };
      assertThat(result).as("%s", sample.at()).isInstanceOf(SampleResult.Complete.class);
      assertThat(frames.hasRemaining()).isFalse();
      assertThat(known.at()).isEqualTo(sample.at());
      assertThat(known.taken().wallMillis()).isEqualTo(sample.at().sequence() * 1000);
      assertThat(known.row()).isEqualTo(row(sample.at(), known.row().size()));
    }

    private Frame read(ByteBuffer bytes) {
      return (Frame) reader.next(bytes);
    }

    List<Position> takeAll(List<Spooled> samples) {
      samples.forEach(this::take);
      return samples.stream().map(Spooled::at).toList();
    }
  }
}
