package io.millwright.agent.spool;

import io.millwright.agent.records.Disk;
import io.millwright.agent.records.Framing;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.SpoolRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the spool: only the newest is written to, the oldest goes where there are too many
 * bytes. Read newest file first, each from its beginning.
 *
 * <p><i>Lifecycle:</i> {@link #recover}, {@link #close}. <i>Threading:</i> one owner thread.
 * <i>Failure:</i> {@link #recover} and {@link #append} throw what the disk says; a file that twice
 * cannot be read is given up, counted, and one line of the log.
 */
final class SegmentStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentStore.class);
  private static final String NAMES = "samples-[0-9]{12}";
  private static final int SEGMENTS = 8;
  private static final int MOST_FILES = 256;

  /** Below it nothing is written: the journal of jobs, on the same disk, needs its room. */
  private static final long LEAST_FREE = 32L << 20;

  private final Path directory;
  private final long limit;
  private final String node;
  private final Disk disk;
  private final List<Segment> segments = new ArrayList<>();
  private final ChainEncoder chains = new ChainEncoder();
  private @Nullable Writing writing;
  private @Nullable Segment open;
  private @Nullable SegmentReader reading;
  private long next = 1;
  private long dropped;
  private long unreadable;

  /** The newest file, while it is written to. */
  private record Writing(Segment segment, FileChannel file) {}

  SegmentStore(Path directory, long limit, String node, Disk disk) {
    this.directory = directory;
    this.limit = limit;
    this.node = node;
    this.disk = disk;
  }

  // ---- opening

  /** Finds what earlier starts have left; makes the directory where the one above the next is. */
  void recover() throws IOException {
    make(directory.toAbsolutePath().getParent());
    make(directory);
    for (Path path : files()) {
      long number = Long.parseLong(path.getFileName().toString().substring("samples-".length()));
      next = Math.max(next, number + 1);
      recover(number, path);
    }
    sweep();
  }

  /** Throws where it is known without writing that the disk takes nothing. */
  void check() throws IOException {
    if (!Files.isWritable(directory)) {
      throw new AccessDeniedException(directory.toString(), null, "not writable");
    }
    long free = disk.usable(directory);
    if (free < LEAST_FREE) {
      throw new IOException(
          "%d bytes are free, and below %d nothing is kept here".formatted(free, LEAST_FREE));
    }
  }

  private static void make(@Nullable Path wanted) throws IOException {
    if (wanted == null || Files.isDirectory(wanted)) {
      return;
    }
    try {
      Files.createDirectory(
          wanted,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException somebodyElse) {
      LOG.debug("made already path={}", wanted);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(path -> path.getFileName().toString().matches(NAMES))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  private void recover(long number, Path path) {
    try {
      Segment segment = Segment.scan(number, path, node);
      unreadable += segment.unreadable();
      segments.add(segment);
      tell(segment);
    } catch (IOException e) {
      unreadable++;
      LOG.warn("samples of an earlier start cannot be read path={}", path, e);
    }
  }

  private void tell(Segment segment) {
    switch (segment.content()) {
      case OF_ANOTHER_NODE -> {
        segment.giveUp();
        LOG.warn(
            "samples of another node are not sent: was the directory copied? path={}",
            segment.path());
      }
      case OF_A_NEWER_VERSION ->
          LOG.warn(
              "samples that a newer version has kept stay unsent, and go when room is needed path={}",
              segment.path());
      case SAMPLES, NOTHING -> {
        if (segment.unreadable() > 0) {
          LOG.warn(
              "samples of an earlier start are damaged path={} damaged_stretches={} samples_left={}",
              segment.path(),
              segment.unreadable(),
              segment.waiting());
        }
      }
    }
  }

  // ---- writing

  /** Writes the sample behind the others; where it throws, the sample is not there. */
  void append(KeptSample sample) throws IOException {
    try {
      write(sample);
    } catch (IOException e) {
      abandon();
      throw e;
    }
  }

  private void write(KeptSample sample) throws IOException {
    Writing to = writing;
    if (to == null || to.segment().bytes() >= limit / SEGMENTS) {
      to = beginFile();
    }
    if (to.segment().readToEnd()) {
      chains.restart();
    }
    byte[] frames = chains.encode(sample);
    if (frames.length > Framing.LARGEST_BODY) {
      dropped++; // a schema and a KEY of tens of thousands of series, each as long as it can be
      chains.restart();
      return;
    }
    ByteBuffer record = Framing.record(sample.at().sequence(), frames);
    int length = record.remaining();
    room(length);
    disk.write(to.file(), record);
    to.segment().added(sample, length);
  }

  private Writing beginFile() throws IOException {
    stopWriting();
    byte[] head = Segment.head(node);
    room(head.length);
    Path path = directory.resolve("samples-%012d".formatted(next));
    FileChannel made =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    Writing begun = new Writing(new Segment(next, path), made);
    next++;
    writing = begun;
    segments.add(begun.segment());
    disk.write(made, ByteBuffer.wrap(head));
    begun.segment().begun(head.length);
    return begun;
  }

  private void stopWriting() {
    Writing ending = writing;
    writing = null;
    chains.restart();
    if (ending != null) {
      close(ending.file());
    }
  }

  /** Nobody knows what the disk holds behind the last good record: the next one begins a file. */
  private void abandon() {
    Writing broken = writing;
    if (broken != null) {
      try {
        broken.file().truncate(broken.segment().end());
      } catch (IOException e) {
        LOG.debug("a half-written record stays, and is not read", e);
      }
      if (broken.segment().waiting() == 0) {
        broken.segment().giveUp();
      }
    }
    stopWriting();
    sweep();
  }

  private void room(long wanted) throws IOException {
    while (segments.size() > MOST_FILES || bytes() + wanted > limit) {
      Segment oldest = segments.getFirst();
      if (written(oldest)) {
        throw new IOException(
            "no room: %d bytes are more than the spool may take".formatted(wanted));
      }
      dropped += oldest.waiting();
      oldest.giveUp();
      delete(oldest);
      segments.remove(oldest);
    }
    check();
  }

  /** Deletes what is of no more use, as far as the disk lets it. */
  private void sweep() {
    for (Segment segment : List.copyOf(segments)) {
      if (segment.content() == Segment.Content.NOTHING && !written(segment)) {
        try {
          delete(segment);
          segments.remove(segment);
        } catch (IOException e) {
          LOG.debug("samples of no more use stay path={}", segment.path(), e);
        }
      }
    }
  }

  private boolean written(Segment segment) {
    return writing != null && writing.segment() == segment;
  }

  private void delete(Segment segment) throws IOException {
    if (segment == open) {
      stopReading();
    }
    Files.deleteIfExists(segment.path());
  }

  // ---- reading

  /** What the collector has not got is read again. */
  void readAgain() {
    stopReading();
    segments.forEach(Segment::readAgain);
  }

  /**
   * The next so many of the newest file that has any; fewer where the file ends, and none where all
   * is read.
   */
  List<Spooled> next(int most) {
    List<Spooled> found = new ArrayList<>();
    Optional<Segment> from = unread();
    if (from.isEmpty()) {
      return found;
    }
    try {
      read(from.get(), most, found);
    } catch (IOException e) {
      failed(from.get(), e);
    }
    return found;
  }

  /** It may pass (too many open files): the next session tries the file once more. */
  private void failed(Segment segment, IOException e) {
    stopReading();
    if (!segment.failedAgain()) {
      LOG.warn("samples cannot be read, and are tried again later path={}", segment.path(), e);
      return;
    }
    LOG.warn("samples cannot be read and are given up path={}", segment.path(), e);
    refuse(segment.number());
    unreadable++;
  }

  private Optional<Segment> unread() {
    Segment current = open;
    if (current != null && current.unread()) {
      return Optional.of(current);
    }
    stopReading();
    return segments.reversed().stream().filter(Segment::unread).findFirst();
  }

  private void read(Segment segment, int most, List<Spooled> into) throws IOException {
    SegmentReader reader = reading == null ? segment.reader() : reading;
    open = segment;
    reading = reader;
    reader.extend(segment.end());
    while (into.size() < most) {
      Optional<Spooled> sample = reader.next();
      if (sample.isEmpty()) {
        ended(segment, reader);
        return;
      }
      into.add(sample.get());
      segment.readTo(reader);
    }
    if (reader.offset() >= segment.end()) {
      ended(segment, reader);
    }
  }

  /** A file may have been damaged since it was written or found: then it has fewer. */
  private void ended(Segment segment, SegmentReader reader) {
    long before = segment.waiting();
    segment.readAll(reader);
    if (segment.waiting() < before) {
      unreadable++;
      dropped += before - segment.waiting();
      LOG.warn(
          "samples were damaged on the disk path={} lost={}",
          segment.path(),
          before - segment.waiting());
    }
    stopReading();
    if (segment.waiting() == 0) {
      finish(segment);
    }
  }

  private void stopReading() {
    SegmentReader ending = reading;
    reading = null;
    open = null;
    try {
      if (ending != null) {
        ending.close();
      }
    } catch (IOException e) {
      LOG.debug("closing a file that was read failed", e);
    }
  }

  /** The collector has this one and those of its file before it. */
  void letGo(Spooled sample) {
    Optional<Segment> known = of(sample.segment());
    if (known.isEmpty()) {
      return;
    }
    Segment segment = known.get();
    segment.letGo(sample);
    if (segment.waiting() == 0) {
      finish(segment);
      return;
    }
    try {
      segment.note();
    } catch (IOException e) {
      LOG.debug("what was sent is not noted path={}", segment.path(), e);
    }
  }

  private void finish(Segment segment) {
    if (written(segment)) {
      stopWriting();
    }
    segment.giveUp();
    sweep();
  }

  /** The collector takes nothing of this file, which would keep it from all others. */
  void refuse(long number) {
    of(number)
        .ifPresent(segment -> {
          dropped += segment.waiting();
          finish(segment);
        });
  }

  private Optional<Segment> of(long number) {
    return segments.stream().filter(segment -> segment.number() == number).findFirst();
  }

  // ---- what there is

  /** Of all files. */
  long bytes() {
    long sum = 0;
    for (Segment segment : segments) {
      sum += segment.bytes();
    }
    return sum;
  }

  /** Samples that the collector has not got. */
  long waiting() {
    long sum = 0;
    for (Segment segment : segments) {
      sum += segment.waiting();
    }
    return sum;
  }

  /** About when the oldest that waits was taken, ms since 1970; the largest number without one. */
  long oldestMillis() {
    long oldest = Long.MAX_VALUE;
    for (Segment segment : segments) {
      oldest = segment.waiting() > 0 ? Math.min(oldest, segment.oldestMillis()) : oldest;
    }
    return oldest;
  }

  SpoolRange range() {
    List<Segment> waiting = segments.stream().filter(segment -> segment.waiting() > 0).toList();
    if (waiting.isEmpty()) {
      return SpoolRange.EMPTY;
    }
    Position oldest =
        waiting.stream().min(Comparator.comparingLong(Segment::number)).orElseThrow().oldest();
    return new SpoolRange(oldest, waiting.getLast().newest());
  }

  /** Samples that went before the collector had them. */
  long dropped() {
    return dropped;
  }

  /** Stretches of files that could not be read. */
  long unreadable() {
    return unreadable;
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("closing a file of samples failed", e);
    }
  }

  @Override
  public void close() {
    stopReading();
    stopWriting();
  }
}
