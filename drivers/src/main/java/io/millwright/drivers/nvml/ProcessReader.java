package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESSES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PROCESS_MEMORY_BYTES;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.Optional;

/** How many processes compute on the device, and what memory they have taken. */
final class ProcessReader implements Reader {
  private static final long NO_ARRAY = 0;
  private static final int NOT_WANTED = -1;

  private final Optional<ProcessList> list;
  private final int processes;
  private final int memory;
  private int listCode = NvmlCode.NOT_SUPPORTED;

  /**
   * @param driverVersion as the driver says it
   */
  ProcessReader(String driverVersion, SeriesTable.Builder table, Accelerator accelerator) {
    processes = table.add(Cadence.SLOW, Series.of(ACCELERATOR_PROCESSES, accelerator));
    memory =
        table.wants(ACCELERATOR_PROCESS_MEMORY_BYTES)
            ? table.add(Cadence.SLOW, Series.of(ACCELERATOR_PROCESS_MEMORY_BYTES, accelerator))
            : NOT_WANTED;
    list =
        memory == NOT_WANTED
            ? Optional.empty()
            : Optional.of(new ProcessList(driverVersion.startsWith("535.")));
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW) {
      return;
    }
    if (list.isPresent()) {
      readList(list.get(), calls);
    } else {
      readCount(calls);
    }
  }

  /** With room for none, the driver says how many there are. */
  private void readCount(DeviceCalls calls) {
    calls.block().putInt(DeviceCalls.OUT, 0);
    int code = calls.nvml().computeProcesses(calls.device(), calls.out(0), NO_ARRAY);
    int counted = code == NvmlCode.INSUFFICIENT_SIZE ? NvmlCode.SUCCESS : code;
    calls.settleUnsigned(processes, counted, Prefix.NONE);
  }

  private void readList(ProcessList list, DeviceCalls calls) {
    int code = list.read(calls);
    listCode = code;
    boolean listed = calls.succeeded(code);
    boolean counted = listed || code == NvmlCode.INSUFFICIENT_SIZE;
    calls.settle(processes, counted ? NvmlCode.SUCCESS : code, counted ? list.count() : 0);
    long sum = 0;
    for (int i = 0; listed && i < list.entries(); i++) {
      long taken = list.memory(i);
      if (taken < 0) { // NVML_VALUE_NOT_AVAILABLE of one makes the sum unknown
        calls.unsupported(memory);
        return;
      }
      sum += taken;
    }
    calls.settle(memory, code, (double) sum);
  }

  /** The code of the last list; "not supported" where none is read. */
  int listCode() {
    return listCode;
  }

  /** Processes of the last list. */
  int listed() {
    return list.isPresent() ? list.get().entries() : 0;
  }

  /** The number of one of them. */
  int pid(int process) {
    return list.orElseThrow().pid(process);
  }

  @Override
  public void close(DeviceCalls calls) {
    list.ifPresent(ProcessList::close);
  }
}
