package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_SMOOTHING_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_SMOOTHING_LIFETIME_REMAINING_RATIO;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/** Blackwell's power smoothing, as far as two fields tell of it: nvml.md 3. */
final class PowerSmoothingReader implements Reader {
  private static final int ENABLED = 0;
  private static final int LIFETIME = 1;

  private final SlowFields slow;
  private final int first;
  private final int enabled;
  private final int lifetime;

  /**
   * @param first of its entries in the slow fields
   */
  PowerSmoothingReader(
      SlowFields slow, int first, SeriesTable.Builder table, Accelerator accelerator) {
    this.slow = slow;
    this.first = first;
    enabled = table.add(Cadence.SLOW, Series.of(ACCELERATOR_POWER_SMOOTHING_ENABLED, accelerator));
    lifetime =
        table.add(
            Cadence.SLOW,
            Series.of(ACCELERATOR_POWER_SMOOTHING_LIFETIME_REMAINING_RATIO, accelerator));
  }

  /** Its entries of {@link SlowFields}; none where nobody wants them. */
  static List<Field> fields(FieldIds ids, SeriesTable.Builder table) {
    return table.wants(ACCELERATOR_POWER_SMOOTHING_ENABLED)
        ? List.of(
            new Field(ids.powerSmoothingEnabled(), 0), new Field(ids.powerSmoothingLifetime(), 0))
        : List.of();
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.SLOW) {
      slow.batch().settle(calls, first + ENABLED, enabled, Prefix.NONE);
      slow.batch().settle(calls, first + LIFETIME, lifetime, Prefix.PERCENT);
    }
  }
}
