package io.millwright.collector.hot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The chunks of one node, those of the present and those of what came late, whose times may lie
 * within each other's.
 *
 * <p><i>Threading:</i> the writer changes it, anybody reads; each change is a new array.
 */
final class NodeHistory {
  private volatile Chunk[] chunks = {};

  boolean empty() {
    return chunks.length == 0;
  }

  void add(Chunk chunk) {
    Chunk[] now = chunks;
    Chunk[] next = Arrays.copyOf(now, now.length + 1);
    next[now.length] = chunk;
    chunks = next;
  }

  void remove(Chunk chunk) {
    chunks = Arrays.stream(chunks).filter(one -> one != chunk).toArray(Chunk[]::new);
  }

  /** The oldest first. */
  List<Point> points(String uuid, HotMetric metric, long sinceWallMs) {
    List<Point> points = new ArrayList<>();
    for (Chunk chunk : chunks) {
      chunk.read(
          uuid,
          metric,
          point -> {
            if (point.wallMs() >= sinceWallMs) {
              points.add(point);
            }
          });
    }
    points.sort(Comparator.comparingLong(Point::wallMs));
    return points;
  }
}
