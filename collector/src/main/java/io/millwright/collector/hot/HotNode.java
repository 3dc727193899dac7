package io.millwright.collector.hot;

import io.millwright.protocol.frames.RowEncoder;
import io.millwright.protocol.vocabulary.Readout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node's part of the columns: as many rows as it has devices, one after the other.
 *
 * <p><i>Threading:</i> what is public may be asked from any thread; the rest is the writer's.
 */
public final class HotNode {
  private final String name;
  private final List<HotDevice> devices;
  final NodeHistory history;
  final RowEncoder encoder;
  int at;
  int first;
  long heardNanos;
  @Nullable Readout taken;

  /** Monotonic time of the row that was taken in last. */
  long takenNanos = Long.MIN_VALUE / 2;

  int[] places = {};
  String told = "";
  private volatile String rack = "";

  HotNode(String name, List<HotDevice> devices, NodeHistory history, RowEncoder encoder) {
    this.name = name;
    this.devices = List.copyOf(devices);
    this.history = history;
    this.encoder = encoder;
  }

  public String name() {
    return name;
  }

  /** In the order of its rows, MIG instances behind the others. */
  public List<HotDevice> devices() {
    return devices;
  }

  /** Where it stands; empty where nobody knows. */
  public String rack() {
    return rack;
  }

  void stands(String where) {
    rack = where;
  }
}
