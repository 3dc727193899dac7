package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_SMOOTHING_BOUND_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_SMOOTHING_ENABLED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_SMOOTHING_LIFETIME_REMAINING_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_SMOOTHING_PROFILE;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Blackwell's power smoothing, as far as its fields are readings: nvml.md 3.
 *
 * <p>Left out is what somebody has set and nobody plots: the rates and times of each preset profile
 * (260 to 263, 281 to 284), what an administrator has put over them (265 to 268, 285 to 288), what
 * may be set (252, 256, 257, 259, 277 to 280) and two switches (253, 300).
 */
final class PowerSmoothingReader implements Reader {
  /** In the order of the entries, behind the first three. */
  private static final List<String> BOUNDS =
      List.of("ceiling", "floor", "primary_floor", "secondary_floor");

  private static final int ENABLED = 0;
  private static final int LIFETIME = 1;
  private static final int PROFILE = 2;
  private static final int FIRST_BOUND = 3;

  private final SlowFields slow;
  private final int first;
  private final int enabled;
  private final int lifetime;
  private final int profile;
  private final int[] bounds;

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
    profile = table.add(Cadence.SLOW, Series.of(ACCELERATOR_POWER_SMOOTHING_PROFILE, accelerator));
    bounds =
        BOUNDS.stream()
            .mapToInt(bound ->
                table.add(
                    Cadence.SLOW,
                    Series.of(ACCELERATOR_POWER_SMOOTHING_BOUND_WATTS, accelerator, bound)))
            .toArray();
  }

  /** Its entries of {@link SlowFields}; none where nobody wants them. */
  static List<Field> fields(FieldIds ids, SeriesTable.Builder table) {
    if (!table.wants(ACCELERATOR_POWER_SMOOTHING_ENABLED)) {
      return List.of();
    }
    return IntStream.of(
            ids.powerSmoothingEnabled(),
            ids.powerSmoothingLifetime(),
            ids.powerSmoothingProfile(),
            ids.powerSmoothingCeiling(),
            ids.powerSmoothingFloor(),
            FieldIds.PRIMARY_POWER_FLOOR,
            FieldIds.SECONDARY_POWER_FLOOR)
        .mapToObj(id -> new Field(id, 0))
        .toList();
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW) {
      return;
    }
    slow.batch().settle(calls, first + ENABLED, enabled, Prefix.NONE);
    slow.batch().settle(calls, first + LIFETIME, lifetime, Prefix.PERCENT);
    slow.batch().settle(calls, first + PROFILE, profile, Prefix.NONE);
    for (int i = 0; i < bounds.length; i++) {
      slow.batch().settle(calls, first + FIRST_BOUND + i, bounds[i], Prefix.NONE);
    }
  }
}
