package io.millwright.collector.hot;

import io.millwright.protocol.frames.RowDecoder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The hot set of one node over a minute at most: a row a sample, the first whole and each further
 * one as what changed, in the codes of the session's KEY and DELTA.
 *
 * <p><i>Threading:</i> the writer appends; anybody reads. Bytes are written behind those that a
 * reader knows of and then published by one volatile reference, so what a reader sees never
 * changes.
 */
final class Chunk {
  static final int MOST_ROWS = 60;

  /** What is there beside bytes and times, rounded up. */
  private static final int OVERHEAD = 240;

  private static final int FIRST_CAPACITY = 512;

  /** What a device that no other chunk has takes of the heap, with its labels, rounded up. */
  private static final int DEVICE = 1024;

  private final NodeHistory owner;
  private final long number;
  private final List<HotDevice> devices;
  private final int devicesBytes;
  private final long beganNanos;
  private final long beganWallMs;
  private volatile Written written = new Written(new byte[FIRST_CAPACITY], 0, new int[8], 0);
  private long lastNanos;

  /**
   * @param timesMs of the rows, since the first
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Written(byte[] bytes, int length, int[] timesMs, int rows) {}

  /**
   * @param number of no other chunk
   * @param own whether no chunk before has these very devices
   */
  Chunk(
      NodeHistory owner,
      long number,
      List<HotDevice> devices,
      boolean own,
      long atNanos,
      long wallMs) {
    this.owner = owner;
    this.number = number;
    this.devices = devices;
    this.devicesBytes = own ? devices.size() * DEVICE : 0;
    this.beganNanos = atNanos;
    this.lastNanos = atNanos;
    this.beganWallMs = wallMs;
  }

  NodeHistory owner() {
    return owner;
  }

  int rows() {
    return written.rows();
  }

  /** Readings that it can hold, whether a device had them or not. */
  long readings() {
    return (long) written.rows() * devices.size() * HotMetric.COUNT;
  }

  long number() {
    return number;
  }

  /** Monotonic time of its first row. */
  long beganNanos() {
    return beganNanos;
  }

  long beganWallMs() {
    return beganWallMs;
  }

  /** Monotonic time of its newest row. */
  long lastNanos() {
    return lastNanos;
  }

  /** What it takes of the heap. */
  long bytes() {
    Written now = written;
    return OVERHEAD
        + devicesBytes
        + now.bytes().length
        + (long) now.timesMs().length * Integer.BYTES;
  }

  /** Whether it has these devices. */
  boolean has(List<HotDevice> very) {
    return devices.equals(very);
  }

  /** Whether a row of these devices and this time is no longer for this chunk. */
  boolean full(List<HotDevice> of, long atNanos, long wallMs, long longestNanos) {
    return rows() == MOST_ROWS
        || !devices.equals(of)
        || atNanos - beganNanos >= longestNanos
        || Math.abs(wallMs - beganWallMs) > Integer.MAX_VALUE / 2;
  }

  void append(ByteBuffer row, long atNanos, long wallMs) {
    Written now = written;
    int added = row.remaining();
    byte[] bytes = grown(now.bytes(), now.length() + added);
    row.get(bytes, now.length(), added);
    int[] times = now.timesMs();
    if (now.rows() == times.length) {
      times = Arrays.copyOf(times, Math.min(MOST_ROWS, 2 * times.length));
    }
    times[now.rows()] = (int) (wallMs - beganWallMs);
    lastNanos = atNanos;
    written = new Written(bytes, now.length() + added, times, now.rows() + 1);
  }

  private static byte[] grown(byte[] bytes, int length) {
    return length <= bytes.length
        ? bytes
        : Arrays.copyOf(bytes, Math.max(length, bytes.length + bytes.length / 2));
  }

  /** Nothing more comes: gives back the room that was kept for it. */
  void seal() {
    Written now = written;
    written =
        new Written(
            Arrays.copyOf(now.bytes(), now.length()),
            now.length(),
            Arrays.copyOf(now.timesMs(), now.rows()),
            now.rows());
  }

  /** The readings of one device, the oldest first; none where the device is not in it. */
  void read(String uuid, HotMetric metric, Consumer<Point> each) {
    int device = position(uuid);
    if (device < 0) {
      return;
    }
    Written now = written;
    int series = device * HotMetric.COUNT + metric.column();
    RowDecoder decoder = RowDecoder.of(HotFleet.series(devices.size()));
    ByteBuffer bytes = ByteBuffer.wrap(now.bytes(), 0, now.length());
    for (int row = 0; row < now.rows(); row++) {
      if (row == 0) {
        decoder.all(bytes);
      } else {
        decoder.changes(bytes);
      }
      if (decoder.row().present(series)) {
        each.accept(new Point(beganWallMs + now.timesMs()[row], decoder.row().value(series)));
      }
    }
  }

  private int position(String uuid) {
    for (int i = 0; i < devices.size(); i++) {
      if (devices.get(i).uuid().equals(uuid)) {
        return i;
      }
    }
    return -1;
  }
}
