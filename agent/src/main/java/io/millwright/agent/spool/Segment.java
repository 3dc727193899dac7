package io.millwright.agent.spool;

import io.millwright.agent.records.Framing;
import io.millwright.protocol.frames.Position;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One file of samples, and what of it the collector has.
 *
 * <pre>
 * file   := "MWSAMPLE" version(4) resume(8) crc32c(4, of resume) record*
 * record := as in {@link Framing}; the first has sequence 0 and the node's name, the others the
 *           sample's sequence and its frames as they travel: SCHEMA KEY+ where a chain begins,
 *           else DELTA+, all marked as backfill
 * </pre>
 *
 * <i>resume</i> is where the first chain begins that the collector has not got whole. It is written
 * in place; where its checksum is wrong it is the beginning. One owner thread.
 */
final class Segment {
  static final int VERSION = 1;

  private static final byte[] NAME = "MWSAMPLE".getBytes(StandardCharsets.US_ASCII);
  private static final int RESUME = NAME.length + Integer.BYTES;
  private static final int HEAD = RESUME + Long.BYTES + Integer.BYTES;

  private final long number;
  private final Path path;
  private Content content = Content.SAMPLES;
  private long bytes;
  private long end = HEAD;
  private long resume = HEAD;
  private long resumeIndex;
  private long read = HEAD;
  private long readIndex;
  private long samples;
  private long gone;
  private long unreadable;
  private int failures;
  private boolean resting;
  private long oldestMillis = Long.MAX_VALUE;
  private Position oldest = Position.NONE;
  private Position newest = Position.NONE;

  /** What a file has. */
  enum Content {
    /** Samples of this node. */
    SAMPLES,
    /** Samples of another node: the files of one machine on another. */
    OF_ANOTHER_NODE,
    /** What only a newer version can read. */
    OF_A_NEWER_VERSION,
    /** All was sent, or nobody can read it; it goes as soon as the disk lets it. */
    NOTHING
  }

  Segment(long number, Path path) {
    this.number = number;
    this.path = path;
  }

  /** The first bytes of a file of this node. */
  static byte[] head(String node) {
    byte[] header = Framing.record(0, node.getBytes(StandardCharsets.UTF_8)).array();
    ByteBuffer head = ByteBuffer.allocate(HEAD + header.length);
    return head.put(NAME).putInt(VERSION).put(resume(HEAD)).put(header).array();
  }

  private static ByteBuffer resume(long offset) {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + Integer.BYTES).putLong(offset);
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, Long.BYTES);
    return bytes.putInt((int) crc.getValue()).flip();
  }

  /** What is in a file that an earlier start has left. */
  static Segment scan(long number, Path path, String node) throws IOException {
    Segment segment = new Segment(number, path);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      segment.scan(file, node);
    }
    return segment;
  }

  private void scan(FileChannel file, String node) throws IOException {
    bytes = file.size();
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    while (head.hasRemaining() && file.read(head, head.position()) >= 0) {
      // until it is full
    }
    if (head.position() < HEAD) {
      content = Content.NOTHING;
      unreadable = bytes == 0 ? 0 : 1;
      return;
    }
    if (Arrays.equals(NAME, Arrays.copyOf(head.array(), NAME.length))
        && head.getInt(NAME.length) > VERSION) {
      content = Content.OF_A_NEWER_VERSION;
      unreadable = 1;
      return;
    }
    scan(node, resumeOf(head));
  }

  private static long resumeOf(ByteBuffer head) {
    long offset = head.getLong(RESUME);
    return resume(offset).equals(head.slice(RESUME, HEAD - RESUME)) ? offset : HEAD;
  }

  private void scan(String node, long noted) throws IOException {
    try (SegmentReader reader = SegmentReader.open(number, path, HEAD, bytes, 0)) {
      Optional<Spooled> next = reader.next();
      while (next.isPresent()) {
        found(next.get(), noted);
        next = reader.next();
      }
      boolean torn = reader.offset() < bytes;
      unreadable = reader.passedOver() + (torn ? 1 : 0);
      content = content(reader.node(), node);
    }
    read = resume;
    readIndex = resumeIndex;
  }

  private Content content(Optional<String> owner, String node) {
    if (samples == 0 || owner.isEmpty()) {
      unreadable = Math.max(unreadable, owner.isEmpty() ? 1 : 0);
      return Content.NOTHING;
    }
    return owner.get().equals(node) ? Content.SAMPLES : Content.OF_ANOTHER_NODE;
  }

  private void found(Spooled sample, long noted) {
    if (samples == 0 || (sample.beginsChain() && sample.place().chain() <= noted)) {
      resume = sample.place().chain();
      resumeIndex = sample.place().index();
      gone = resumeIndex;
      oldest = sample.at();
      oldestMillis = sample.place().chainMillis();
    }
    samples++;
    end = sample.place().end();
    newest = sample.at();
  }

  // ---- what it is

  long number() {
    return number;
  }

  Path path() {
    return path;
  }

  Content content() {
    return content;
  }

  /** Of the file, whatever is in it. */
  long bytes() {
    return bytes;
  }

  /** Behind the last record that is known to be whole. */
  long end() {
    return end;
  }

  /** Samples that the collector has not got. */
  long waiting() {
    return content == Content.SAMPLES ? samples - gone : 0;
  }

  /** Stretches that could not be read. */
  long unreadable() {
    return unreadable;
  }

  /** About when the oldest that waits was taken, ms since 1970. */
  long oldestMillis() {
    return oldestMillis;
  }

  Position oldest() {
    return oldest;
  }

  Position newest() {
    return newest;
  }

  // ---- writing

  /** A file that was just begun has this many bytes. */
  void begun(long length) {
    bytes = length;
    end = length;
    resume = length;
    read = length;
  }

  void added(KeptSample sample, long length) {
    if (samples == 0) {
      oldest = sample.at();
      oldestMillis = sample.wallMillis();
    }
    newest = sample.at();
    samples++;
    end += length;
    bytes = end;
  }

  /** Somebody gives it up: nothing of it is sent. */
  void giveUp() {
    content = Content.NOTHING;
  }

  // ---- reading

  boolean unread() {
    return content == Content.SAMPLES && !resting && read < end;
  }

  /** Where nobody reads on from within a chain, so that what is added must begin one. */
  boolean readToEnd() {
    return read == end;
  }

  /** Reads on where it was read to. */
  SegmentReader reader() throws IOException {
    return SegmentReader.open(number, path, read, end, readIndex);
  }

  void readTo(SegmentReader reader) {
    read = reader.offset();
    readIndex = reader.index();
  }

  /** No more can be read of it than this reader has given. */
  void readAll(SegmentReader reader) {
    read = end;
    readIndex = reader.index();
    samples = reader.index();
    gone = Math.min(gone, samples);
  }

  /**
   * The disk did not give it; it is not read until {@link #readAgain}.
   *
   * @return whether this was so before
   */
  boolean failedAgain() {
    failures++;
    resting = true;
    return failures > 1;
  }

  /** From what the collector has not got. */
  void readAgain() {
    resting = false;
    read = resume;
    readIndex = resumeIndex;
  }

  /** The collector has this one and those before it. */
  void letGo(Spooled sample) {
    Spooled.Place place = sample.place();
    if (place.index() < gone) {
      return;
    }
    gone = place.index() + 1;
    resume = place.chain();
    resumeIndex = place.chainIndex();
    oldest = sample.at();
    oldestMillis = place.chainMillis();
  }

  /** Notes in the file from where on the collector lacks something. */
  void note() throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      file.write(resume(resume), RESUME);
    }
  }
}
