package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_COMPUTE_MODE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PERFORMANCE_STATE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PERSISTENCE_MODE_ENABLED;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/** The performance state, and the modes that an administrator sets. */
final class ModeReader implements Reader {
  private static final List<String> COMPUTE_MODES =
      List.of("default", "prohibited", "exclusive_process");

  /** {@code nvmlComputeMode_t} in the order of the words; 1 is a mode that was given up. */
  private static final int[] COMPUTE_CODES = {0, 2, 3};

  /** The last of {@code nvmlPstates_t}; beyond it the driver does not know. */
  private static final int SLOWEST = 15;

  private final int performance;
  private final int persistence;
  private final int[] computeModes;

  ModeReader(SeriesTable.Builder table, Accelerator accelerator) {
    performance = table.add(Cadence.MEDIUM, Series.of(ACCELERATOR_PERFORMANCE_STATE, accelerator));
    persistence =
        table.add(Cadence.SLOW, Series.of(ACCELERATOR_PERSISTENCE_MODE_ENABLED, accelerator));
    computeModes =
        COMPUTE_MODES.stream()
            .mapToInt(mode ->
                table.add(Cadence.SLOW, Series.of(ACCELERATOR_COMPUTE_MODE, accelerator, mode)))
            .toArray();
  }

  /** Whether the site sees this far. */
  static boolean wanted(SeriesTable.Builder table) {
    return table.wants(Metric.ACCELERATOR_PERFORMANCE_STATE);
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.MEDIUM) {
      readPerformance(calls);
    }
    if (cadence == Cadence.SLOW) {
      int code = calls.nvml().persistenceMode(calls.device(), calls.out(0));
      calls.settleUnsigned(persistence, code, Prefix.NONE);
      readComputeMode(calls);
    }
  }

  private void readPerformance(DeviceCalls calls) {
    int code = calls.nvml().performanceState(calls.device(), calls.out(0));
    int state = calls.succeeded(code) ? calls.block().getInt(DeviceCalls.OUT) : 0;
    if (state < 0 || state > SLOWEST) {
      calls.unavailable(performance, Fault.PARSE); // 32 is the driver's own "unknown"
    } else {
      calls.settle(performance, code, state);
    }
  }

  /** A mode without a word here leaves none of them at 1. */
  private void readComputeMode(DeviceCalls calls) {
    int code = calls.nvml().computeMode(calls.device(), calls.out(0));
    int mode = calls.succeeded(code) ? calls.block().getInt(DeviceCalls.OUT) : 0;
    for (int i = 0; i < computeModes.length; i++) {
      calls.settle(computeModes[i], code, mode == COMPUTE_CODES[i] ? 1 : 0);
    }
  }
}
