package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_ERRORS_TOTAL;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/**
 * The one count of ECC errors that NVML has of a MIG instance: those that could not be corrected,
 * outside of the DRAM, since the driver was loaded. Its device has none of that kind meanwhile.
 */
final class InstanceErrorReader implements Reader {
  private static final int UNCORRECTED = 1;
  private static final int VOLATILE = 0;
  private static final int SRAM = 7;

  private final int errors;

  InstanceErrorReader(SeriesTable.Builder table, Accelerator accelerator) {
    errors =
        table.add(
            Cadence.SLOW,
            Series.of(ACCELERATOR_ECC_ERRORS_TOTAL, accelerator, "sram", "uncorrected"));
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.SLOW) {
      int code = calls.nvml().eccErrors(calls.device(), UNCORRECTED, VOLATILE, SRAM, calls.out(0));
      boolean read = calls.succeeded(code);
      calls.settle(errors, code, read ? (double) calls.block().getLong(DeviceCalls.OUT) : 0);
    }
  }
}
