package io.millwright.agent.events;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.agent.records.Disk;
import io.millwright.agent.records.Framing;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events on the disk: segments that are only appended to, the oldest of which goes when there
 * are too many bytes or days.
 *
 * <p>A torn end is cut. A segment that is damaged elsewhere is moved aside as {@code .damaged}, and
 * what can be read of it stays. What cannot be written is kept in memory, the newest {@value
 * #MOST_IN_MEMORY}, and written once the disk takes it.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #close}. <i>Threading:</i> one owner at a time.
 * <i>Failure:</i> none for the caller; the first trouble and its end are one line of the log each.
 */
final class EventStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventStore.class);
  private static final byte[] NAME = {'M', 'W', 'E', 'V', 'N', 'T', '0', '1'};
  private static final int VERSION = 1;
  private static final int MOST_IN_MEMORY = 1_024;
  private static final int MOST_RECENT = 64;

  private final Optional<Path> directory;
  private final Disk disk;
  private final Limits limits;
  private final List<Segment> segments = new ArrayList<>();
  private final Deque<Entry> unwritten = new ArrayDeque<>();
  private final Deque<Entry> recent = new ArrayDeque<>();
  private UUID id = UUID.randomUUID();
  private @Nullable FileChannel file;
  private long newest;
  private long durable;
  private long acknowledged;
  private long stored;
  private long dropped;
  private boolean failing;

  /** One file, and what is in it. */
  private static final class Segment {
    private final Path path;
    private long last;
    private long firstMs;
    private long lastMs;
    private long bytes;
    private long entries;

    Segment(Path path) {
      this.path = path;
    }

    void add(Entry entry, long length) {
      firstMs = entries == 0 ? entry.atMs() : firstMs;
      last = entry.sequence();
      lastMs = Math.max(lastMs, entry.atMs());
      bytes += length;
      entries++;
    }
  }

  /** What a file says. */
  private record Content(
      Optional<UUID> journal, List<Entry> entries, int good, boolean torn, boolean damaged) {}

  /** What a record is. */
  private sealed interface Written {
    record Header(UUID journal) implements Written {}

    record Told(Entry entry) implements Written {}
  }

  private EventStore(Optional<Path> directory, Disk disk, Limits limits) {
    this.directory = directory;
    this.disk = disk;
    this.limits = limits;
  }

  /** One that ends with the process. */
  static EventStore inMemory() {
    return new EventStore(Optional.empty(), Disk.real(), Limits.USUAL);
  }

  /** Opens or makes the store; one that cannot be read is begun anew, or kept in memory. */
  static EventStore open(Path directory, Disk disk, Limits limits) {
    EventStore store = new EventStore(Optional.of(directory), disk, limits);
    try {
      store.recover(directory);
    } catch (IOException e) {
      store.fails(e);
    }
    return store;
  }

  // ---- opening

  private void recover(Path in) throws IOException {
    Files.createDirectories(
        in, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    List<Path> files = files(in);
    for (Path path : files) {
      recover(path, path.equals(files.getLast()));
    }
    newest = segments.isEmpty() ? 0 : segments.getLast().last;
    durable = newest;
  }

  private static List<Path> files(Path in) throws IOException {
    try (Stream<Path> all = Files.list(in)) {
      return all.filter(path -> path.getFileName().toString().matches("events-[0-9]{19}"))
          .sorted()
          .toList();
    }
  }

  private void recover(Path path, boolean isLast) throws IOException {
    Content content = content(Files.readAllBytes(path));
    if (content.damaged() || (content.torn() && !isLast) || content.journal().isEmpty()) {
      salvage(path, content);
      return;
    }
    if (isLast) {
      settle(path, content);
    }
    content.journal().ifPresent(known -> id = known);
    adopt(path, content);
  }

  private void adopt(Path path, Content content) throws IOException {
    Segment segment = new Segment(path);
    for (Entry entry : content.entries()) {
      segment.add(entry, 0);
      remember(entry);
    }
    segment.bytes = Files.size(path);
    segments.add(segment);
  }

  /** What an agent wrote that died before it was on the disk is told as durable from here on. */
  private void settle(Path path, Content content) throws IOException {
    try (FileChannel open = FileChannel.open(path, StandardOpenOption.WRITE)) {
      if (content.torn()) {
        LOG.warn(
            "torn end of the events is cut path={} bytes={}", path, open.size() - content.good());
        open.truncate(content.good());
      }
      disk.force(open);
    }
  }

  /** A file that was begun and holds no record yet is a torn end as well. */
  private void salvage(Path path, Content content) throws IOException {
    if (content.entries().isEmpty() && !content.damaged()) {
      LOG.warn("a file of events that was only begun is deleted path={}", path);
      Files.delete(path);
      return;
    }
    Path aside = path.resolveSibling(path.getFileName() + ".damaged");
    LOG.warn(
        "a file of events is damaged; it is kept as {}, and {} events of it stay",
        aside,
        content.entries().size());
    content.journal().ifPresent(known -> id = known);
    dropOlderDamaged(path);
    Files.copy(path, aside, StandardCopyOption.REPLACE_EXISTING);
    if (content.entries().isEmpty()) {
      Files.delete(path);
      return;
    }
    Path half = path.resolveSibling("events.new");
    try (FileChannel made = create(half)) {
      disk.write(made, bytes(content.entries(), true));
      disk.force(made);
    }
    Files.move(half, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    adopt(path, content);
  }

  /** One damaged file is kept for whoever wants to look; more would grow without bound. */
  private static void dropOlderDamaged(Path path) throws IOException {
    Path in = path.toAbsolutePath().getParent();
    if (in == null) {
      return;
    }
    try (Stream<Path> all = Files.list(in)) {
      for (Path old : all.filter(p -> p.toString().endsWith(".damaged")).toList()) {
        Files.deleteIfExists(old);
      }
    }
  }

  private static Content content(byte[] bytes) {
    boolean named =
        bytes.length >= NAME.length && Arrays.equals(bytes, 0, NAME.length, NAME, 0, NAME.length);
    List<Entry> entries = new ArrayList<>();
    Optional<UUID> journal = Optional.empty();
    int at = named ? NAME.length : 0;
    int good = at;
    boolean damaged = false;
    boolean torn = !named;
    while (at < bytes.length) {
      Optional<Framing.Piece> piece = Framing.piece(bytes, at);
      Optional<Written> read = piece.flatMap(whole -> read(whole, bytes));
      if (read.isEmpty()) {
        OptionalInt next = Framing.next(bytes, at);
        damaged |= next.isPresent() || piece.isPresent();
        torn |= next.isEmpty();
        if (next.isEmpty()) {
          break;
        }
        at = next.getAsInt();
        continue;
      }
      switch (read.get()) {
        case Written.Header(UUID known) -> journal = Optional.of(known);
        case Written.Told(Entry entry) -> {
          if (entries.isEmpty() || entry.sequence() > entries.getLast().sequence()) {
            entries.add(entry);
          }
        }
      }
      at = piece.orElseThrow().end();
      good = at;
    }
    return new Content(journal, entries, good, torn, damaged);
  }

  /** A header or an entry; what is neither is damage. */
  private static Optional<Written> read(Framing.Piece piece, byte[] bytes) {
    try {
      Fields fields = Fields.open("", Json.read("the record", piece.body(bytes)));
      if (fields.has("journal")) {
        return fields.wholeInt("version") == VERSION
            ? Optional.of(new Written.Header(UUID.fromString(fields.text("journal"))))
            : Optional.empty();
      }
      return Optional.of(new Written.Told(Entry.of(fields)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  // ---- what it knows

  /** Of this store's creation. */
  UUID id() {
    return id;
  }

  /** The number of the last event that was taken. */
  long newest() {
    return newest;
  }

  /** The number of the last event that no restart loses; where nothing is kept, the last. */
  long durable() {
    return directory.isEmpty() ? newest : durable;
  }

  /** Events that were written to the disk since the start. */
  long stored() {
    return stored;
  }

  /** Events that went before the collector had them. */
  long dropped() {
    return dropped;
  }

  long bytes() {
    long sum = 0;
    for (Segment segment : segments) {
      sum += segment.bytes;
    }
    return sum;
  }

  /** When the oldest was told that the collector has not got; about, by the file that it is in. */
  OptionalLong oldestUnacknowledgedMs() {
    if (acknowledged >= newest) {
      return OptionalLong.empty();
    }
    if (!recent.isEmpty() && recent.getFirst().sequence() <= acknowledged) {
      return first(recent);
    }
    for (Segment segment : segments) {
      if (segment.last > acknowledged) {
        return OptionalLong.of(segment.firstMs);
      }
    }
    return first(unwritten);
  }

  private OptionalLong first(Iterable<Entry> entries) {
    for (Entry entry : entries) {
      if (entry.sequence() > acknowledged) {
        return OptionalLong.of(entry.atMs());
      }
    }
    return OptionalLong.empty();
  }

  /** Numbers that the collector has; what is kept stays, for whoever looks on the node. */
  void acknowledged(long sequence) {
    acknowledged = Math.max(acknowledged, sequence);
  }

  // ---- writing

  /** Takes these, which must have risen; on the disk where it takes them, else in memory. */
  void append(List<Entry> entries) {
    for (Entry entry : entries) {
      if (entry.sequence() > newest) {
        newest = entry.sequence();
        remember(entry);
        unwritten.addLast(entry);
      }
    }
    write();
    boundMemory();
  }

  private void remember(Entry entry) {
    recent.addLast(entry);
    if (recent.size() > MOST_RECENT) {
      recent.removeFirst();
    }
  }

  private void boundMemory() {
    while (unwritten.size() > MOST_IN_MEMORY) {
      countDropped(unwritten.removeFirst().sequence(), 1);
    }
  }

  /** Tries once more where the disk did not take something. */
  void write() {
    if (unwritten.isEmpty() || directory.isEmpty()) {
      return;
    }
    try {
      write(new ArrayList<>(unwritten), directory.get());
      stored += unwritten.size();
      durable = unwritten.getLast().sequence();
      unwritten.clear();
      if (failing) {
        LOG.info("events are kept on the disk again path={}", directory.get());
      }
      failing = false;
    } catch (IOException e) {
      fails(e);
      abandon();
    }
  }

  private void fails(IOException e) {
    if (!failing) {
      LOG.warn(
          "events cannot be kept on the disk, and the newest {} are kept in memory path={}",
          MOST_IN_MEMORY,
          directory.map(Path::toString).orElse(""),
          e);
    }
    failing = true;
  }

  /** Nobody knows what the disk holds of the file after this: the next write begins another. */
  private void abandon() {
    try (FileChannel broken = file) {
      file = null;
      if (broken != null) {
        broken.truncate(segments.getLast().bytes);
      }
    } catch (IOException e) {
      LOG.debug("a half-written record stays, and is not read", e);
    }
  }

  private void write(List<Entry> entries, Path in) throws IOException {
    if (file == null && !failing && !segments.isEmpty()) {
      file = goOn(segments.getLast());
    }
    FileChannel open = file;
    boolean fresh = open == null || segments.getLast().bytes >= limits.segment();
    ByteBuffer bytes = bytes(entries, fresh);
    FileChannel to = open == null || fresh ? begin(in, entries.getFirst().sequence()) : open;
    disk.write(to, bytes);
    disk.force(to);
    if (fresh) {
      forceDirectory(in);
      segments.getLast().bytes = 0;
    }
    Segment segment = segments.getLast();
    entries.forEach(entry -> segment.add(entry, 0));
    segment.bytes += bytes.limit();
  }

  /** Where an earlier start of the agent has ended. */
  private static FileChannel goOn(Segment segment) throws IOException {
    FileChannel open = FileChannel.open(segment.path, StandardOpenOption.WRITE);
    open.position(segment.bytes);
    return open;
  }

  private FileChannel begin(Path in, long first) throws IOException {
    FileChannel before = file;
    Path path = in.resolve("events-%019d".formatted(first));
    FileChannel made = create(path);
    if (segments.isEmpty() || !segments.getLast().path.equals(path)) {
      segments.add(new Segment(path));
    }
    file = made;
    if (before != null) {
      before.close();
    }
    return made;
  }

  private static FileChannel create(Path path) throws IOException {
    return FileChannel.open(
        path,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  private static void forceDirectory(Path in) throws IOException {
    try (FileChannel channel = FileChannel.open(in, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private ByteBuffer bytes(List<Entry> entries, boolean fresh) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (fresh) {
      bytes.writeBytes(NAME);
      ObjectNode header = Json.object().put("version", VERSION).put("journal", id.toString());
      bytes.writeBytes(Framing.record(0, Json.bytes(header)).array());
    }
    for (Entry entry : entries) {
      bytes.writeBytes(Framing.record(entry.sequence(), entry.json()).array());
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  // ---- bounds

  /** Lets go of whole files: the oldest, while there are too many bytes or days. */
  void expire(long nowMs) {
    long oldestMs = nowMs - limits.age().toMillis();
    while (!segments.isEmpty()
        && (segments.size() > 1 || file == null)
        && (bytes() > limits.bytes() - limits.segment() || segments.getFirst().lastMs < oldestMs)) {
      Segment oldest = segments.removeFirst();
      try {
        Files.delete(oldest.path);
      } catch (NoSuchFileException gone) {
        LOG.debug("somebody else has deleted it path={}", oldest.path);
      } catch (IOException e) {
        segments.addFirst(oldest);
        fails(e);
        return;
      }
      countDropped(oldest.last, oldest.entries);
    }
  }

  private void countDropped(long last, long entries) {
    if (last > acknowledged) {
      dropped += Math.min(entries, last - acknowledged);
    }
  }

  // ---- reading

  /** The first so many behind this number. */
  List<Entry> after(long sequence, int most) {
    if (sequence >= newest) {
      return List.of();
    }
    List<Entry> found = new ArrayList<>();
    if (!recent.isEmpty() && recent.getFirst().sequence() <= sequence) {
      take(recent, sequence, most, found);
      return found;
    }
    for (Segment segment : segments) {
      if (segment.last > sequence && found.size() < most) {
        take(read(segment), sequence, most, found);
      }
    }
    take(unwritten, sequence, most, found);
    return found;
  }

  private static void take(Iterable<Entry> from, long after, int most, List<Entry> into) {
    for (Entry entry : from) {
      long last = into.isEmpty() ? after : into.getLast().sequence();
      if (entry.sequence() > last && into.size() < most) {
        into.add(entry);
      }
    }
  }

  private List<Entry> read(Segment segment) {
    try {
      return content(Files.readAllBytes(segment.path)).entries();
    } catch (IOException e) {
      fails(e);
      return List.of();
    }
  }

  @Override
  public void close() {
    write();
    try (FileChannel open = file) {
      file = null;
      LOG.debug("events are closed open={}", open != null);
    } catch (IOException e) {
      LOG.warn("closing the events failed", e);
    }
  }
}
