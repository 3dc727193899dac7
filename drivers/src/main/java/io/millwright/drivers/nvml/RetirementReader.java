package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_RETIRED_PAGES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_RETIREMENT_PENDING;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/** Pages of memory that were given up, as parts before Ampere do; later ones replace rows. */
final class RetirementReader implements Reader {
  private static final int SINGLE_BIT = 0;
  private static final int DOUBLE_BIT = 1;
  private static final int PENDING = 2;

  private final SlowFields slow;
  private final int first;
  private final int singleBit;
  private final int doubleBit;
  private final int pending;

  /**
   * @param first where {@link #fields} begin in the batch
   */
  RetirementReader(SlowFields slow, int first, SeriesTable.Builder table, Accelerator accelerator) {
    this.slow = slow;
    this.first = first;
    singleBit = slow(table, Series.of(ACCELERATOR_MEMORY_RETIRED_PAGES, accelerator, "single_bit"));
    doubleBit = slow(table, Series.of(ACCELERATOR_MEMORY_RETIRED_PAGES, accelerator, "double_bit"));
    pending = slow(table, Series.of(ACCELERATOR_MEMORY_RETIREMENT_PENDING, accelerator));
  }

  /** The last entries of {@link SlowFields}; a part that refuses them is asked once. */
  static List<Field> fields() {
    return List.of(
        new Field(FieldIds.RETIRED_SINGLE_BIT, 0),
        new Field(FieldIds.RETIRED_DOUBLE_BIT, 0),
        new Field(FieldIds.RETIREMENT_PENDING, 0));
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.SLOW) {
      slow.batch().settle(calls, first + SINGLE_BIT, singleBit, Prefix.NONE);
      slow.batch().settle(calls, first + DOUBLE_BIT, doubleBit, Prefix.NONE);
      slow.batch().settle(calls, first + PENDING, pending, Prefix.NONE);
    }
  }

  private static int slow(SeriesTable.Builder table, Series series) {
    return table.add(Cadence.SLOW, series);
  }
}
