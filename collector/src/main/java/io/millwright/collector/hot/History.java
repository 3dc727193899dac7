package io.millwright.collector.hot;

import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.RowEncoder;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The last minutes of all nodes, within so many bytes: where they are used up, the oldest minute of
 * whichever node goes first.
 *
 * <p><i>Threading:</i> the writer's, but for the figures, which are volatile.
 */
final class History {
  static final Duration LONGEST = Duration.ofMinutes(10);

  /**
   * The most of a node for rows that came late. They begin anew where the time goes back or the
   * devices change, so that a node could else push out the minutes of all others.
   */
  static final int MOST_LATE = 64;

  /** The part of all bytes that they may take together: a sixteenth. */
  static final int LATE_PART = 16;

  private static final long CHUNK_NANOS = Duration.ofMinutes(1).toNanos();

  private final long most;
  private final TreeSet<Chunk> oldestFirst =
      new TreeSet<>(Comparator.comparingLong(Chunk::beganNanos).thenComparingLong(Chunk::number));
  private final Map<NodeHistory, Chunk> open = new HashMap<>();

  /** Chunks that rows which came late go on. */
  private final Map<NodeHistory, Late> late = new HashMap<>();

  /** All of them, those that nothing goes on too. */
  private final Map<NodeHistory, Set<Chunk>> lateOnes = new HashMap<>();

  private long numbers;

  /** Up to when something was let go of for want of room. */
  private long evictedNanos;

  private volatile long bytes;
  private volatile long evicted;
  private volatile OptionalLong oldestWallMs = OptionalLong.empty();
  private @Nullable Chunk head;

  /** A chunk of rows that came late, and how the next one is written. */
  private record Late(Chunk chunk, RowEncoder encoder) {}

  History(long mostBytes) {
    this.most = mostBytes;
  }

  /** One more row of a node. */
  void append(HotNode node, Row row, long atNanos, long wallMs) {
    Chunk known = open.get(node.history);
    boolean whole = known == null || known.full(node.devices(), atNanos, wallMs, CHUNK_NANOS);
    Chunk chunk = known;
    if (chunk == null || whole) {
      boolean own = !has(known, node.devices());
      seal(known);
      chunk = begun(node.history, node.devices(), own, atNanos, wallMs);
      open.put(node.history, chunk);
    }
    append(chunk, whole, node.encoder, row, atNanos, wallMs);
  }

  /**
   * One more row of a node, which came late: it goes on a chunk beside those of the present.
   *
   * @return whether there is room for it; there is none where what is younger had to go, or where
   *     the node has as many chunks or bytes of late rows as it may
   */
  boolean fill(NodeHistory node, List<HotDevice> devices, Row row, long atNanos, long wallMs) {
    if (evicted > 0 && atNanos - evictedNanos <= 0) {
      return false;
    }
    Late known = late.get(node);
    boolean whole =
        known == null
            || atNanos < known.chunk().lastNanos()
            || known.chunk().full(devices, atNanos, wallMs, CHUNK_NANOS);
    Set<Chunk> chunks = lateOnes.computeIfAbsent(node, first -> new HashSet<>());
    if ((whole && chunks.size() >= MOST_LATE) || bytes(chunks) > most / LATE_PART) {
      return false;
    }
    Late to = known;
    if (to == null || whole) {
      Chunk before = known == null ? null : known.chunk();
      boolean own = !has(before, devices) && !has(open.get(node), devices);
      seal(before);
      to =
          new Late(
              begun(node, devices, own, atNanos, wallMs),
              RowEncoder.of(HotFleet.series(devices.size())));
      late.put(node, to);
      chunks.add(to.chunk());
    }
    append(to.chunk(), whole, to.encoder(), row, atNanos, wallMs);
    return oldestFirst.contains(to.chunk());
  }

  private static long bytes(Set<Chunk> chunks) {
    long sum = 0;
    for (Chunk chunk : chunks) {
      sum += chunk.bytes();
    }
    return sum;
  }

  private void append(
      Chunk chunk, boolean whole, RowEncoder encoder, Row row, long atNanos, long wallMs) {
    long before = chunk.bytes();
    chunk.append(whole ? encoder.all(row) : encoder.changes(row), atNanos, wallMs);
    bytes(bytes + chunk.bytes() - before);
    while (bytes > most) {
      Chunk oldest = oldestFirst.first();
      evictedNanos = evicted == 0 ? oldest.lastNanos() : Math.max(evictedNanos, oldest.lastNanos());
      evicted(evicted + oldest.readings());
      drop(oldest);
    }
    look();
  }

  private Chunk begun(
      NodeHistory node, List<HotDevice> devices, boolean own, long atNanos, long wallMs) {
    numbers++;
    Chunk chunk = new Chunk(node, numbers, devices, own, atNanos, wallMs);
    bytes(bytes + chunk.bytes());
    oldestFirst.add(chunk);
    node.add(chunk);
    return chunk;
  }

  private static boolean has(@Nullable Chunk chunk, List<HotDevice> devices) {
    return chunk != null && chunk.has(devices);
  }

  private void seal(@Nullable Chunk ended) {
    if (ended != null) {
      long held = ended.bytes();
      ended.seal();
      bytes(bytes + ended.bytes() - held);
    }
  }

  /** Lets go of what is older than ten minutes. */
  void age(long nowNanos) {
    while (!oldestFirst.isEmpty()
        && nowNanos - oldestFirst.first().lastNanos() > LONGEST.toNanos()) {
      drop(oldestFirst.first());
    }
    look();
  }

  private void drop(Chunk chunk) {
    oldestFirst.remove(chunk);
    bytes(bytes - chunk.bytes());
    chunk.owner().remove(chunk);
    open.remove(chunk.owner(), chunk);
    lateOnes.computeIfPresent(
        chunk.owner(), (node, chunks) -> chunks.remove(chunk) && chunks.isEmpty() ? null : chunks);
    late.computeIfPresent(chunk.owner(), (node, one) -> one.chunk() == chunk ? null : one);
  }

  private void look() {
    Chunk oldest = oldestFirst.isEmpty() ? null : oldestFirst.first();
    if (oldest != head) {
      head = oldest;
      oldestWallMs = oldest == null ? OptionalLong.empty() : OptionalLong.of(oldest.beganWallMs());
    }
  }

  private void bytes(long now) {
    bytes = now;
  }

  private void evicted(long now) {
    evicted = now;
  }

  /** What the history takes of the heap. */
  long bytes() {
    return bytes;
  }

  /** Readings that were let go before their time, for want of room. */
  long evicted() {
    return evicted;
  }

  /** Since when there are readings; empty where there are none. */
  OptionalLong oldestWallMs() {
    return oldestWallMs;
  }

  int chunks() {
    return oldestFirst.size();
  }
}
