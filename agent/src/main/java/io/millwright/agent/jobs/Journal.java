package io.millwright.agent.jobs;

import io.millwright.agent.records.Disk;
import io.millwright.agent.records.Framing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node promised and did, on disk before anybody is told.
 *
 * <p>One segment is in use; when it has grown, a shorter one with the same meaning is written
 * beside it and takes its place. A torn tail is cut only where no whole record follows. Anything
 * else, and an error of the disk's own synchronisation, is a <i>quarantine</i>: nothing is written
 * any more until an operator has looked, across restarts.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #close}. <i>Threading:</i> the thread {@code jobs};
 * {@link #id}, {@link #head} and {@link #quarantine} from any. <i>Failure:</i> a {@link Written}.
 */
final class Journal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final String SEGMENT = "journal-%010d";
  private static final String MARK = "quarantine";
  private static final int FLATTER = 4;

  private final Path directory;
  private final String bootId;
  private final Disk disk;
  private final long largest;
  private final FileChannel lockFile;
  private volatile String id = "";
  private volatile long head;
  private volatile @Nullable String quarantine;
  private @Nullable FileChannel file;
  private Path path;
  private long number;
  private long good;
  private long floor;

  /** What became of entries. */
  sealed interface Written {
    /** They are on the disk. */
    record Done() implements Written {}

    /** Nothing of them is; later they may be. */
    record Full(String sentence) implements Written {}

    /** Nothing is written any more. */
    record Quarantined(String sentence) implements Written {}
  }

  private Journal(Path directory, String bootId, Disk disk, long largest, FileChannel lockFile) {
    this.directory = directory;
    this.bootId = bootId;
    this.disk = disk;
    this.largest = largest;
    this.lockFile = lockFile;
    this.path = directory.resolve(SEGMENT.formatted(1));
  }

  /**
   * Opens or makes the journal and folds what it says into the book.
   *
   * @param largest bytes of a segment before a shorter one is tried
   */
  static Journal open(Path directory, String bootId, Disk disk, long largest, Book into) {
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Journal journal = new Journal(directory, bootId, disk, largest, lock(directory));
      journal.recover(into);
      return journal;
    } catch (IOException e) {
      throw new JournalException("opening the journal in " + directory, e);
    }
  }

  private static FileChannel lock(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException sameProcess) {
      LOG.debug("the lock is held by this process directory={}", directory);
    }
    channel.close();
    throw new JournalException(
        "the journal in " + directory + " is in use by another agent; stop that one first");
  }

  /** Random, of this journal's creation; empty while it cannot be read. */
  String id() {
    return id;
  }

  /** The number of the last record. */
  long head() {
    return head;
  }

  Optional<String> quarantine() {
    return Optional.ofNullable(quarantine);
  }

  long usableBytes() throws IOException {
    return disk.usable(directory);
  }

  private void recover(Book into) throws IOException {
    deleteHalfMade();
    List<Path> segments = segments();
    if (segments.isEmpty()) {
      id = UUID.randomUUID().toString();
      replace(into.snapshot());
      return;
    }
    path = segments.getLast();
    number = number(path);
    Segment.Content content = Segment.read(Files.readAllBytes(path));
    content.header().ifPresent(header -> id = header.journal());
    Optional<String> contradiction = fold(content.entries(), into);
    head = content.sequence();
    good = content.good();
    floor = content.good();
    content.trouble().or(() -> contradiction).ifPresent(this::quarantine);
    keptQuarantine();
    if (quarantine == null) {
      resume();
    }
    if (quarantine == null) {
      for (Path older : segments.subList(0, segments.size() - 1)) {
        Files.delete(older);
      }
    }
  }

  private static Optional<String> fold(List<Entry> entries, Book into) {
    for (Entry entry : entries) {
      try {
        into.apply(entry);
      } catch (RuntimeException e) {
        return Optional.of("it contradicts itself: " + e.getMessage());
      }
    }
    return Optional.empty();
  }

  /**
   * What an agent wrote that died before it was on the disk can be read all the same, until the
   * machine loses its power; from here on it is believed and told.
   */
  private void resume() throws IOException {
    FileChannel opened = FileChannel.open(path, StandardOpenOption.WRITE);
    file = opened;
    if (opened.size() > good) {
      LOG.warn("torn end of the journal is cut bytes={}", opened.size() - good);
      opened.truncate(good);
    }
    opened.position(good);
    try {
      disk.force(opened);
      forceDirectory();
    } catch (IOException e) {
      quarantine("the disk did not take what is in it: " + e.getMessage());
    }
  }

  private void keptQuarantine() throws IOException {
    try {
      String kept = Files.readString(directory.resolve(MARK)).strip();
      quarantine = quarantine == null ? kept : quarantine;
    } catch (NoSuchFileException none) {
      LOG.debug("no quarantine was kept directory={}", directory);
    }
  }

  /** All of them or none, on the disk when this returns. */
  Written append(List<Entry> entries) {
    FileChannel to = file;
    if (quarantine != null || to == null) {
      return new Written.Quarantined(String.valueOf(quarantine));
    }
    ByteBuffer bytes = records(head, entries);
    try {
      disk.write(to, bytes);
    } catch (IOException e) {
      return undo(to, e);
    }
    try {
      disk.force(to);
    } catch (IOException e) {
      return quarantine("the disk did not take it: " + e.getMessage());
    }
    good += bytes.limit();
    long last = head + entries.size();
    head = last;
    return new Written.Done();
  }

  private Written undo(FileChannel to, IOException cause) {
    try {
      to.truncate(good);
      to.position(good);
      return new Written.Full(
          "the journal in %s cannot be written: %s".formatted(directory, cause.getMessage()));
    } catch (IOException e) {
      return quarantine("a half-written record could not be taken back: " + e.getMessage());
    }
  }

  /** Nothing more is written; kept for the next start as well as the disk allows. */
  private Written quarantine(String why) {
    String sentence =
        String.format(
            Locale.ROOT,
            "the journal %s is in quarantine: %s; running jobs go on, no new ones begin; keep a"
                + " copy, then delete %s or move the journal away, and restart the agent",
            path,
            why,
            directory.resolve(MARK));
    quarantine = sentence;
    LOG.error("journal is in quarantine path={} why={}", path, why);
    try {
      Files.writeString(directory.resolve(MARK), sentence + "\n");
    } catch (IOException e) {
      LOG.error("quarantine could not be kept for the next start", e);
    }
    return new Written.Quarantined(sentence);
  }

  /** Writes a shorter segment when this one has grown; a failure leaves this one in use. */
  void compact(Supplier<List<Entry>> snapshot) {
    if (quarantine != null || good < largest || good < FLATTER * floor) {
      return;
    }
    try {
      replace(snapshot.get());
    } catch (IOException e) {
      floor = good;
      LOG.warn("journal could not be made shorter path={}", path, e);
    }
  }

  private void replace(List<Entry> snapshot) throws IOException {
    Path half = directory.resolve("journal.new");
    Path next = directory.resolve(SEGMENT.formatted(number + 1));
    byte[] header = EntryJson.bytes(new Segment.Header(Segment.VERSION, id, bootId));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(Segment.NAME);
    bytes.writeBytes(Framing.record(head + 1, header).array());
    bytes.writeBytes(records(head + 1, snapshot).array());
    FileChannel made =
        FileChannel.open(
            half,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      disk.write(made, ByteBuffer.wrap(bytes.toByteArray()));
      disk.force(made);
      Files.move(half, next, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      made.close();
      throw e;
    }
    use(made, next, bytes.size(), head + 1 + snapshot.size());
  }

  private void use(FileChannel made, Path next, long size, long sequence) throws IOException {
    FileChannel before = file;
    Path old = path;
    file = made;
    path = next;
    number++;
    good = size;
    floor = size;
    head = sequence;
    try {
      forceDirectory();
    } catch (IOException e) {
      quarantine("the disk did not take its name: " + e.getMessage());
      return;
    }
    if (before != null) {
      before.close();
      Files.deleteIfExists(old);
    }
  }

  private static ByteBuffer records(long after, List<Entry> entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long sequence = after;
    for (Entry entry : entries) {
      bytes.writeBytes(Framing.record(++sequence, EntryJson.bytes(entry)).array());
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  private void forceDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private void deleteHalfMade() throws IOException {
    Files.deleteIfExists(directory.resolve("journal.new"));
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(entry -> entry.getFileName().toString().matches("journal-[0-9]{10}"))
          .sorted()
          .toList();
    }
  }

  private static long number(Path segment) {
    return Long.parseLong(segment.getFileName().toString().substring("journal-".length()));
  }

  @Override
  public void close() {
    try (FileChannel lock = lockFile;
        FileChannel open = file) {
      LOG.debug("journal is closed lock={} file={}", lock.isOpen(), open != null);
    } catch (IOException e) {
      LOG.warn("closing the journal failed path={}", path, e);
    }
  }
}
