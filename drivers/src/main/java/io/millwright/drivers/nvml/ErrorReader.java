package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ECC_MODE_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_REMAPPED_ROWS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_REMAP_FAILED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_REMAP_PENDING;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_RECOVERY_ACTION;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_SRAM_ECC_THRESHOLD_EXCEEDED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_SRAM_ECC_UNIT_ERRORS_TOTAL;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/** ECC, row remapping, and what the driver itself says is to be done. */
final class ErrorReader implements Reader {
  /** {@code nvmlMemoryErrorType_t}, from 0. */
  private static final List<String> SEVERITIES = List.of("corrected", "uncorrected");

  private static final List<String> LOCATIONS = List.of("dram", "sram");

  /** {@code NVML_MEMORY_LOCATION_DRAM} and {@code _SRAM}. */
  private static final int[] LOCATION_CODES = {2, 7};

  private static final int VOLATILE = 0;
  private static final int AGGREGATE = 1;

  /** In the order of the buckets of {@code nvmlEccSramErrorStatus_v1_t}. */
  private static final List<String> UNITS = List.of("l2", "sm", "pcie", "mcu", "other");

  /** Values of field 230 from 0; 6 and 7 since R615. The last stands for what nobody knows yet. */
  private static final List<String> ACTIONS =
      List.of(
          "none",
          "reset",
          "reboot",
          "drain_p2p",
          "drain_and_reset",
          "recover_imex_domain",
          "bus_reset",
          "system_reboot",
          "unknown");

  private final MediumFields medium;
  private final int eccMode;
  private final int[] sinceLoad;
  private final int[] lifetime;
  private final int sramThreshold;

  /** Empty where the site does not see that far. */
  private final int[] sramUnits;

  private final int remappedCorrectable;
  private final int remappedUncorrectable;
  private final int remapPending;
  private final int remapFailed;
  private final int[] actions = new int[ACTIONS.size()];

  ErrorReader(MediumFields medium, SeriesTable.Builder table, Accelerator accelerator) {
    this.medium = medium;
    eccMode = slow(table, accelerator, ACCELERATOR_ECC_MODE_ENABLED);
    sinceLoad = errorSeries(table, accelerator, ACCELERATOR_ECC_ERRORS_TOTAL);
    lifetime = errorSeries(table, accelerator, ACCELERATOR_ECC_LIFETIME_ERRORS_TOTAL);
    sramThreshold = slow(table, accelerator, ACCELERATOR_SRAM_ECC_THRESHOLD_EXCEEDED);
    sramUnits =
        table.wants(ACCELERATOR_SRAM_ECC_UNIT_ERRORS_TOTAL) ? new int[UNITS.size()] : new int[0];
    for (int i = 0; i < sramUnits.length; i++) {
      sramUnits[i] = slow(table, accelerator, ACCELERATOR_SRAM_ECC_UNIT_ERRORS_TOTAL, UNITS.get(i));
    }
    remappedCorrectable = slow(table, accelerator, ACCELERATOR_MEMORY_REMAPPED_ROWS, "correctable");
    remappedUncorrectable =
        slow(table, accelerator, ACCELERATOR_MEMORY_REMAPPED_ROWS, "uncorrectable");
    remapPending = slow(table, accelerator, ACCELERATOR_MEMORY_REMAP_PENDING);
    remapFailed = slow(table, accelerator, ACCELERATOR_MEMORY_REMAP_FAILED);
    for (int i = 0; i < actions.length; i++) {
      actions[i] =
          table.add(
              Cadence.MEDIUM, Series.of(ACCELERATOR_RECOVERY_ACTION, accelerator, ACTIONS.get(i)));
    }
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.MEDIUM) {
      readRecoveryAction(calls);
    }
    if (cadence == Cadence.SLOW) {
      calls.settleUnsigned(
          eccMode,
          calls.nvml().eccMode(calls.device(), calls.out(0), calls.out(Integer.BYTES)),
          Prefix.NONE);
      readErrors(calls, VOLATILE, sinceLoad);
      readErrors(calls, AGGREGATE, lifetime);
      readSram(calls);
      readRemappedRows(calls);
    }
  }

  private void readRecoveryAction(DeviceCalls calls) {
    FieldBatch batch = medium.batch();
    int code = batch.code(calls, MediumFields.RECOVERY_ACTION);
    double value = code == NvmlCode.SUCCESS ? batch.value(calls, MediumFields.RECOVERY_ACTION) : 0;
    int unknown = actions.length - 1;
    int current = value >= 0 && value < unknown ? (int) value : unknown;
    for (int i = 0; i < actions.length; i++) {
      calls.settle(actions[i], code, i == current ? 1 : 0);
    }
  }

  private static void readErrors(DeviceCalls calls, int counter, int[] slots) {
    for (int location = 0; location < LOCATION_CODES.length; location++) {
      for (int severity = 0; severity < SEVERITIES.size(); severity++) {
        int code =
            calls
                .nvml()
                .eccErrors(
                    calls.device(), severity, counter, LOCATION_CODES[location], calls.out(0));
        boolean read = calls.succeeded(code);
        calls.settle(
            slots[location * SEVERITIES.size() + severity],
            code,
            read ? (double) calls.block().getLong(DeviceCalls.OUT) : 0);
      }
    }
  }

  private void readSram(DeviceCalls calls) {
    calls.block().putInt(DeviceCalls.OUT, NvmlLayout.SRAM_V1_VERSION);
    int code = calls.nvml().sramErrors(calls.device(), calls.out(0));
    calls.settleUnsigned(sramThreshold, code, NvmlLayout.SRAM_THRESHOLD, Prefix.NONE);
    boolean read = code == NvmlCode.SUCCESS;
    for (int i = 0; i < sramUnits.length; i++) {
      int at = DeviceCalls.OUT + NvmlLayout.SRAM_UNITS + i * Long.BYTES;
      calls.settle(sramUnits[i], code, read ? (double) calls.block().getLong(at) : 0);
    }
  }

  private void readRemappedRows(DeviceCalls calls) {
    int code =
        calls
            .nvml()
            .remappedRows(
                calls.device(),
                calls.out(0),
                calls.out(Integer.BYTES),
                calls.out(2 * Integer.BYTES),
                calls.out(3 * Integer.BYTES));
    calls.settleUnsigned(remappedCorrectable, code, 0, Prefix.NONE);
    calls.settleUnsigned(remappedUncorrectable, code, Integer.BYTES, Prefix.NONE);
    calls.settleUnsigned(remapPending, code, 2 * Integer.BYTES, Prefix.NONE);
    calls.settleUnsigned(remapFailed, code, 3 * Integer.BYTES, Prefix.NONE);
  }

  private static int[] errorSeries(
      SeriesTable.Builder table, Accelerator accelerator, Metric metric) {
    int[] slots = new int[LOCATIONS.size() * SEVERITIES.size()];
    for (int i = 0; i < slots.length; i++) {
      String location = LOCATIONS.get(i / SEVERITIES.size());
      slots[i] = slow(table, accelerator, metric, location, SEVERITIES.get(i % SEVERITIES.size()));
    }
    return slots;
  }

  private static int slow(
      SeriesTable.Builder table, Accelerator accelerator, Metric metric, String... labels) {
    return table.add(Cadence.SLOW, Series.of(metric, accelerator, labels));
  }
}
