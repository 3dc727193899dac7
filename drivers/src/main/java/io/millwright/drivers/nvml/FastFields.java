package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Cadence;
import java.util.List;

/**
 * The fields of each tick, in one call; the readers after it take their entries from here. The
 * constants are places in the batch.
 */
final class FastFields implements Reader {
  /** Three scopes: gpu, module, memory. */
  static final int POWER = 0;

  static final int ENERGY = 3;
  static final int MEMORY_TEMPERATURE = 4;

  /** Five reasons: power cap, sync boost, software thermal, hardware thermal, power brake. */
  static final int THROTTLE_NANOS = 5;

  /** The scopes of {@link #POWER}. */
  static final int POWER_INSTANT = 10;

  static final int PCIE_SENT = 13;
  static final int PCIE_RECEIVED = 14;

  static final int COUNT = 15;

  private final FieldBatch batch;

  FastFields(NativeBlock block, int start, FieldIds ids) {
    batch =
        new FieldBatch(
            block,
            start,
            List.of(
                new Field(FieldIds.POWER_AVERAGE, 0),
                new Field(FieldIds.POWER_AVERAGE, 1),
                new Field(FieldIds.POWER_AVERAGE, 2),
                new Field(FieldIds.TOTAL_ENERGY, 0),
                new Field(FieldIds.MEMORY_TEMPERATURE, 0),
                new Field(FieldIds.SW_POWER_CAP_NANOS, 0),
                new Field(FieldIds.SYNC_BOOST_NANOS, 0),
                new Field(ids.swThermalNanos(), 0),
                new Field(ids.hwThermalNanos(), 0),
                new Field(ids.hwPowerBrakeNanos(), 0),
                new Field(FieldIds.POWER_INSTANT, 0),
                new Field(FieldIds.POWER_INSTANT, 1),
                new Field(FieldIds.POWER_INSTANT, 2),
                new Field(FieldIds.PCIE_SENT_BYTES, 0),
                new Field(FieldIds.PCIE_RECEIVED_BYTES, 0)));
  }

  FieldBatch batch() {
    return batch;
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.FAST) {
      batch.read(calls);
    }
  }

  @Override
  public void askAnew() {
    batch.askAll();
  }
}
