package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_FREE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_RESERVED_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_SIZE_BYTES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_USED_BYTES;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.OptionalInt;

/** The memory of a device, or of the GPU instance that a MIG device lies in. */
final class MemoryReader implements Reader {
  private final int size;
  private final int used;
  private final int free;
  private final OptionalInt reserved;

  MemoryReader(SeriesTable.Builder table, Accelerator accelerator) {
    size = table.add(Cadence.MEDIUM, Series.of(ACCELERATOR_MEMORY_SIZE_BYTES, accelerator));
    used = table.add(Cadence.MEDIUM, Series.of(ACCELERATOR_MEMORY_USED_BYTES, accelerator));
    free = table.add(Cadence.MEDIUM, Series.of(ACCELERATOR_MEMORY_FREE_BYTES, accelerator));
    reserved =
        table.wants(ACCELERATOR_MEMORY_RESERVED_BYTES)
            ? OptionalInt.of(
                table.add(
                    Cadence.MEDIUM, Series.of(ACCELERATOR_MEMORY_RESERVED_BYTES, accelerator)))
            : OptionalInt.empty();
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.MEDIUM) {
      return;
    }
    calls.block().putInt(DeviceCalls.OUT, NvmlLayout.MEMORY_V2_VERSION);
    int code = calls.nvml().memory(calls.device(), calls.out(0));
    if (NvmlCode.fallsBack(code)) {
      readFirst(calls);
      return;
    }
    calls.succeeded(code);
    settleBytes(calls, size, code, NvmlLayout.MEMORY_TOTAL);
    settleBytes(calls, used, code, NvmlLayout.MEMORY_USED);
    settleBytes(calls, free, code, NvmlLayout.MEMORY_FREE);
    if (reserved.isPresent()) {
      settleBytes(calls, reserved.getAsInt(), code, NvmlLayout.MEMORY_RESERVED);
    }
  }

  /** Its "used" has in it what the driver keeps, which ours has not: absent. */
  private void readFirst(DeviceCalls calls) {
    int code = calls.nvml().firstMemory(calls.device(), calls.out(0));
    calls.succeeded(code);
    settleBytes(calls, size, code, NvmlLayout.MEMORY_V1_TOTAL);
    settleBytes(calls, free, code, NvmlLayout.MEMORY_V1_FREE);
    calls.unsupported(used);
    if (reserved.isPresent()) {
      calls.unsupported(reserved.getAsInt());
    }
  }

  private static void settleBytes(DeviceCalls calls, int slot, int code, int offset) {
    boolean read = code == NvmlCode.SUCCESS;
    calls.settle(slot, code, read ? (double) calls.block().getLong(DeviceCalls.OUT + offset) : 0);
  }
}
