package io.millwright.drivers.nvml;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import java.util.ArrayList;
import java.util.List;

/**
 * The driver's events of the node as a whole, from R575 on: it was bound to a device, or let go of
 * one. Older drivers refuse the set, and nothing is told.
 *
 * <p><i>Threading:</i> the one thread that owns it. <i>Failure:</i> return codes are values.
 */
public final class NvmlSystemEvents implements AutoCloseable {
  static final int UNBIND = 0x1;
  static final int BIND = 0x2;

  /** NVIDIA's own callers give the size of the array in entries; with bytes this is one entry. */
  private static final int ROOM = 16;

  /** One text says of 0 that it does not wait, another that it waits for ever. */
  private static final int SHORTEST_MILLISECONDS = 1;

  private static final int REQUEST = 0;
  private static final int ENTRIES = SystemEventLayout.WAIT_SIZE;
  private static final int BLOCK_SIZE = ENTRIES + ROOM * SystemEventLayout.EVENT_SIZE;

  private final Nvml nvml;
  private final NativeBlock block;
  private final long set;

  private NvmlSystemEvents(Nvml nvml, NativeBlock block, long set) {
    this.nvml = nvml;
    this.block = block;
    this.set = set;
  }

  /** What came of making a set. */
  public sealed interface Created {
    record Ready(NvmlSystemEvents events) implements Created {}

    /** An older library or driver has none. */
    record Refused(int code) implements Created {}
  }

  /** What came of a look. */
  public sealed interface Look {
    /** These, in their order. */
    record Changed(List<Change> changes) implements Look {
      public Changed {
        changes = List.copyOf(changes);
      }
    }

    /** Nothing since the last look. */
    record Quiet() implements Look {}

    /** The driver says that a device is lost, and nothing of events. */
    record Untold() implements Look {}

    /** Nothing more will come of this set. */
    record Broken(int code) implements Look {}
  }

  /** What happened. */
  public enum Kind {
    BOUND,
    UNBOUND,
    UNKNOWN
  }

  /**
   * One event.
   *
   * @param type the driver's bit
   * @param gpuId the driver's number of the device; NVML says no more of it than "in PCI format"
   */
  public record Change(Kind kind, long type, int gpuId) {}

  static Created create(NvmlLibrary library, CallWatch watch) {
    Nvml nvml = new Nvml(library, watch);
    NativeBlock block = new NativeBlock(BLOCK_SIZE);
    block.putInt(REQUEST, SystemEventLayout.SET_VERSION);
    int code = nvml.createSystemEventSet(block.address(REQUEST));
    if (code != NvmlCode.SUCCESS) {
      block.close();
      return new Created.Refused(code);
    }
    NvmlSystemEvents events =
        new NvmlSystemEvents(nvml, block, block.getLong(REQUEST + SystemEventLayout.SET));
    int registered = events.register();
    if (registered == NvmlCode.SUCCESS) {
      return new Created.Ready(events);
    }
    events.close();
    return new Created.Refused(registered);
  }

  private int register() {
    block.putInt(REQUEST, SystemEventLayout.REGISTER_VERSION);
    block.putLong(REQUEST + SystemEventLayout.REGISTER_TYPES, BIND | UNBIND);
    block.putLong(REQUEST + SystemEventLayout.REGISTER_SET, set);
    return nvml.registerSystemEvents(block.address(REQUEST));
  }

  /** What came since the last look; waits for a millisecond at most. */
  public Look look() {
    block.putInt(REQUEST, SystemEventLayout.WAIT_VERSION);
    block.putInt(REQUEST + SystemEventLayout.WAIT_MILLISECONDS, SHORTEST_MILLISECONDS);
    block.putLong(REQUEST + SystemEventLayout.WAIT_SET, set);
    block.putLong(REQUEST + SystemEventLayout.WAIT_DATA, block.address(ENTRIES));
    block.putInt(REQUEST + SystemEventLayout.WAIT_ROOM, ROOM);
    block.putInt(REQUEST + SystemEventLayout.WAIT_NUMBER, 0);
    int code = nvml.waitForSystemEvents(block.address(REQUEST));
    if (NvmlCode.lost(code)) {
      return new Look.Untold();
    }
    if (code == NvmlCode.TIMEOUT) {
      return new Look.Quiet();
    }
    return code == NvmlCode.SUCCESS ? changes() : new Look.Broken(code);
  }

  private Look changes() {
    int number = Math.clamp(block.getInt(REQUEST + SystemEventLayout.WAIT_NUMBER), 0, ROOM);
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      int entry = ENTRIES + i * SystemEventLayout.EVENT_SIZE;
      long type = block.getLong(entry + SystemEventLayout.EVENT_TYPE);
      changes.add(new Change(kind(type), type, block.getInt(entry + SystemEventLayout.EVENT_GPU)));
    }
    return changes.isEmpty() ? new Look.Quiet() : new Look.Changed(changes);
  }

  private static Kind kind(long type) {
    if (type == BIND) {
      return Kind.BOUND;
    }
    return type == UNBIND ? Kind.UNBOUND : Kind.UNKNOWN;
  }

  @Override
  public void close() {
    block.putInt(REQUEST, SystemEventLayout.SET_VERSION);
    block.putLong(REQUEST + SystemEventLayout.SET, set);
    nvml.freeSystemEventSet(block.address(REQUEST));
    block.close();
  }
}
