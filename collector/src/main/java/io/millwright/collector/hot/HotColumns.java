package io.millwright.collector.hot;

import io.millwright.collector.fleet.Link;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The values of the hot set as they are now: a column for each reading, a row for each device.
 *
 * <p><i>Memory model.</i> Which rows there are is immutable here: a node that comes makes new
 * columns over the same arrays with more rows, and a row is never given to another device as long
 * as anybody can see its array. The values in the arrays go on changing under whoever reads them:
 * each is one 64-bit cell, written and read opaque, so a reading is never torn and is at least as
 * new as the moment, which is volatile, at which its node was heard ({@link #connected}). Two cells
 * may be of two neighbouring seconds.
 *
 * <p>A cell has the bits of a double; absence is one NaN of its own, which no reading keeps.
 */
public final class HotColumns {
  private static final long ABSENT = 0x7ff8_0000_0000_0abcL;

  /** Of a node that is not to be shown, whatever the time. */
  static final long SILENT = Long.MIN_VALUE;

  private final HotNode[] nodes;
  private final int[] firsts;
  private final int[] wholes;
  private final AtomicLongArray heard;
  private final int count;
  private final AtomicLongArray[] cells;

  HotColumns(
      HotNode[] nodes,
      int[] firsts,
      int[] wholes,
      AtomicLongArray heard,
      int count,
      AtomicLongArray[] cells) {
    this.nodes = nodes;
    this.firsts = firsts;
    this.wholes = wholes;
    this.heard = heard;
    this.count = count;
    this.cells = cells;
  }

  /** How many nodes, those included that are not heard. */
  public int nodes() {
    return count;
  }

  public HotNode node(int at) {
    return nodes[at];
  }

  /** How many of a node's devices, the first ones, are no MIG instances. */
  public int whole(int node) {
    return wholes[node];
  }

  /** Whether a node is heard, so that its readings are of now. */
  public boolean connected(int node, long nowNanos) {
    long at = heard.get(node);
    return at != SILENT && Link.of(nowNanos - at, true) == Link.CONNECTED;
  }

  /**
   * The bits of one reading, whether its node is heard or not; ask {@link #absent} of them first.
   *
   * @param node from 0 to {@link #nodes}
   * @param device from 0 to the number of the node's devices
   */
  public long cell(HotMetric metric, int node, int device) {
    return cells[metric.column()].getOpaque(firsts[node] + device);
  }

  /** Whether these bits of a cell say that there is no reading; else they are those of a double. */
  public static boolean absent(long cell) {
    return cell == ABSENT;
  }

  /** The bits by which a reading, or its absence, is kept. */
  static long cell(boolean present, double value) {
    if (!present) {
      return ABSENT;
    }
    long bits = Double.doubleToRawLongBits(value);
    return bits == ABSENT ? Double.doubleToRawLongBits(Double.NaN) : bits;
  }
}
