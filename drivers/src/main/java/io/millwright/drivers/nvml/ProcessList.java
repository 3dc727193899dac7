package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.binding.NativeBlock;

/**
 * The compute processes of a device, by {@code nvmlDeviceGetComputeRunningProcesses_v3}.
 *
 * <p>Drivers 535.43 to 535.86 write entries of 32 bytes where all others write 24, and no symbol
 * tells which (nvml.md 1.1): the array has room for the wider ones, is filled with a pattern before
 * the call, and the first list of two or more shows how far the driver wrote. Of a list of one it
 * does not matter.
 *
 * <p><i>Lifecycle:</i> closed when its device is. <i>Threading:</i> its device's lane.
 */
final class ProcessList {
  static final int WIDE = 32;

  private static final int ROOM = 16;
  private static final int MOST = 4096;
  private static final long PATTERN = 0xAAAAAAAAAAAAAAAAL;
  private static final int COUNT = 0;
  private static final int ENTRIES = Long.BYTES;

  private int room = ROOM;
  private NativeBlock block = new NativeBlock(ENTRIES + ROOM * WIDE);
  private int entries;
  private int stride;

  /**
   * @param mayBeWide whether the driver is of the branch that had the wider entries; others are not
   *     suspected, whatever they do to the array
   */
  ProcessList(boolean mayBeWide) {
    stride = mayBeWide ? 0 : NvmlLayout.PROCESS_SIZE;
  }

  /** Asks, and once more where there was no room: then the next round has it. */
  int read(DeviceCalls calls) {
    int code = ask(calls);
    if (code == NvmlCode.INSUFFICIENT_SIZE && count() > room && count() <= MOST) {
      grow(count());
      code = ask(calls);
    }
    boolean listed = code == NvmlCode.SUCCESS;
    if (listed && stride == 0 && count() > 1) {
      stride = touchedBeyondNarrow() ? WIDE : NvmlLayout.PROCESS_SIZE;
    }
    entries = listed ? Math.min(count(), room) : 0;
    return code;
  }

  private int ask(DeviceCalls calls) {
    if (stride == 0) {
      for (int at = ENTRIES; at < ENTRIES + room * WIDE; at += Long.BYTES) {
        block.putLong(at, PATTERN);
      }
    }
    block.putInt(COUNT, room);
    return calls
        .nvml()
        .computeProcesses(calls.device(), block.address(COUNT), block.address(ENTRIES));
  }

  private void grow(int wanted) {
    int more = Math.min(MOST, wanted + ROOM);
    NativeBlock larger = new NativeBlock(ENTRIES + more * WIDE);
    block.close();
    block = larger;
    room = more;
  }

  private boolean touchedBeyondNarrow() {
    for (int at = ENTRIES + count() * NvmlLayout.PROCESS_SIZE;
        at < ENTRIES + count() * WIDE;
        at += Long.BYTES) {
      if (block.getLong(at) != PATTERN) {
        return true;
      }
    }
    return false;
  }

  /** Processes, also where there was no room for them. */
  int count() {
    return block.getInt(COUNT);
  }

  /** Processes of which the last list has an entry. */
  int entries() {
    return entries;
  }

  /** The number of one process of the last list, as the driver calls it. */
  int pid(int process) {
    return block.getInt(ENTRIES + process * stride + NvmlLayout.PROCESS_PID);
  }

  /** Bytes of the device's memory that one process of the last list has; negative: not told. */
  long memory(int process) {
    return block.getLong(ENTRIES + process * stride + NvmlLayout.PROCESS_MEMORY);
  }

  void close() {
    block.close();
  }
}
