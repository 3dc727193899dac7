package io.millwright.collector.hot;

import io.millwright.protocol.frames.Row;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The last minutes of all nodes, within so many bytes: where they are used up, the oldest minute of
 * whichever node goes first.
 *
 * <p><i>Threading:</i> the writer's, but for the figures, which are volatile.
 */
final class History {
  static final Duration LONGEST = Duration.ofMinutes(10);

  private static final long CHUNK_NANOS = Duration.ofMinutes(1).toNanos();

  private final long most;
  private final ArrayDeque<Chunk> oldestFirst = new ArrayDeque<>();
  private final Map<NodeHistory, Chunk> open = new HashMap<>();
  private volatile long bytes;
  private volatile long evicted;
  private volatile OptionalLong oldestWallMs = OptionalLong.empty();
  private @Nullable Chunk head;

  History(long mostBytes) {
    this.most = mostBytes;
  }

  /** One more row of a node. */
  void append(HotNode node, Row row, long atNanos, long wallMs) {
    Chunk known = open.get(node.history);
    boolean whole = known == null || known.full(node.devices(), atNanos, wallMs, CHUNK_NANOS);
    Chunk chunk = known == null || whole ? begun(node, known, atNanos, wallMs) : known;
    long before = chunk.bytes();
    chunk.append(whole ? node.encoder.all(row) : node.encoder.changes(row), atNanos, wallMs);
    bytes(bytes + chunk.bytes() - before);
    while (bytes > most) {
      Chunk oldest = oldestFirst.getFirst();
      evicted(evicted + oldest.readings());
      drop(oldest);
    }
    look();
  }

  private Chunk begun(HotNode node, @Nullable Chunk before, long atNanos, long wallMs) {
    if (before != null) {
      long held = before.bytes();
      before.seal();
      bytes(bytes + before.bytes() - held);
    }
    boolean own = before == null || !before.has(node.devices());
    Chunk chunk = new Chunk(node.history, node.devices(), own, atNanos, wallMs);
    bytes(bytes + chunk.bytes());
    oldestFirst.addLast(chunk);
    open.put(node.history, chunk);
    node.history.add(chunk);
    return chunk;
  }

  /** Lets go of what is older than ten minutes. */
  void age(long nowNanos) {
    while (!oldestFirst.isEmpty()
        && nowNanos - oldestFirst.getFirst().lastNanos() > LONGEST.toNanos()) {
      drop(oldestFirst.getFirst());
    }
    look();
  }

  private void drop(Chunk chunk) {
    oldestFirst.remove(chunk);
    bytes(bytes - chunk.bytes());
    chunk.owner().remove(chunk);
    open.remove(chunk.owner(), chunk);
  }

  private void look() {
    Chunk oldest = oldestFirst.peekFirst();
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
