package io.millwright.agent.spool;

import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Side;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * The samples of one file, in their order. What is damaged is passed over to the next chain that is
 * whole, so that each sample that comes follows the one before it in its chain.
 *
 * <p><i>Threading:</i> one owner thread. <i>Failure:</i> {@link IOException} where the file cannot
 * be read; damage is none.
 */
final class SegmentReader implements AutoCloseable {
  private final long segment;
  private final FileChannel file;
  private final RecordReader records;
  private final FrameReader frames = new FrameReader(Side.AGENT);
  private Optional<String> node = Optional.empty();
  private boolean following;
  private boolean losing;
  private Position last = Position.NONE;
  private Hash128 schema = Hash128.NONE;
  private long chain;
  private long chainIndex;
  private long chainMillis;
  private long index;
  private long passedOver;

  /** What the frames of a record are. */
  private record Content(Optional<Frame.Schema> schema, int split, Frame first, int blocks) {}

  private SegmentReader(long segment, FileChannel file, long from, long end, long index) {
    this.segment = segment;
    this.file = file;
    this.records = new RecordReader(file, from, end);
    this.index = index;
    frames.open();
  }

  /**
   * @param from where a chain begins, or the header
   * @param index how many samples are before that
   */
  static SegmentReader open(long segment, Path path, long from, long end, long index)
      throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    return new SegmentReader(segment, file, from, end, index);
  }

  /** More was written. */
  void extend(long end) {
    records.extend(end);
  }

  /** Whose samples they are, once the header was read. */
  Optional<String> node() {
    return node;
  }

  /** Samples that were passed by or given, from the start of the file. */
  long index() {
    return index;
  }

  /** Behind what was read. */
  long offset() {
    return records.offset();
  }

  /** Stretches of the file that were passed over because they were damaged. */
  long passedOver() {
    return passedOver;
  }

  /** The next one that is whole and follows; empty at the end. */
  Optional<Spooled> next() throws IOException {
    while (true) {
      Optional<RecordReader.Found> found = records.next();
      if (found.isEmpty()) {
        return Optional.empty();
      }
      RecordReader.Found record = found.get();
      if (record.damaged()) {
        lose();
      }
      if (record.sequence() == 0) {
        node = Optional.of(record.body().text());
        continue;
      }
      Optional<Spooled> sample = content(record.body()).flatMap(known -> sample(record, known));
      if (sample.isPresent()) {
        losing = false;
        index++;
        return sample;
      }
      lose();
    }
  }

  private void lose() {
    passedOver += losing ? 0 : 1;
    losing = true;
    following = false;
  }

  private Optional<Content> content(Payload body) {
    ByteBuffer bytes = body.buffer();
    Inbound first = frames.next(bytes);
    Optional<Frame.Schema> told = Optional.empty();
    int split = 0;
    if (first instanceof Frame.Schema given) {
      told = Optional.of(given);
      split = bytes.position();
      first = frames.next(bytes);
    }
    if (!(first instanceof Frame.Key || first instanceof Frame.Delta)) {
      return Optional.empty();
    }
    int blocks = 1;
    while (bytes.hasRemaining()) {
      if (!first.getClass().equals(frames.next(bytes).getClass())) {
        return Optional.empty();
      }
      blocks++;
    }
    return Optional.of(new Content(told, split, (Frame) first, blocks));
  }

  private Optional<Spooled> sample(RecordReader.Found record, Content content) {
    long sequence = record.sequence();
    if (content.schema().isPresent()
        && content.first() instanceof Frame.Key key
        && key.at().sequence() == sequence
        && key.schema().equals(content.schema().get().hash())) {
      chain = record.offset();
      chainIndex = index;
      chainMillis = key.taken().wallMillis();
      schema = key.schema();
      following = true;
      return Optional.of(given(key.at(), record, content));
    }
    if (content.schema().isEmpty()
        && following
        && content.first() instanceof Frame.Delta delta
        && delta.sequence() == sequence
        && sequence - delta.step() == last.sequence()) {
      return Optional.of(given(new Position(last.incarnation(), sequence), record, content));
    }
    return Optional.empty();
  }

  private Spooled given(Position at, RecordReader.Found record, Content content) {
    last = at;
    byte[] body = record.body().toByteArray();
    return new Spooled(
        at,
        new Spooled.Place(segment, chain, chainIndex, chainMillis, index, record.end()),
        schema,
        Payload.of(Arrays.copyOf(body, content.split())),
        Payload.of(Arrays.copyOfRange(body, content.split(), body.length)),
        content.blocks());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
